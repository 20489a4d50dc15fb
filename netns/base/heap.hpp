// SPDX-License-Identifier: Apache-2.0
// netns/base/heap.hpp — memory for a program that is about to make very many small values.
#pragma once

namespace netns {

/// From here on the heap grows in few large steps, and the kernel may back it with huge pages. A thousand namespaces as values are
/// some 15 MB of small pieces; fetched page by page, with a fault for each, they take as long as reading the thousand namespaces
/// does. What is not used costs address space alone. Call it before threads are started; without huge pages it still saves steps.
void expect_many_values();

}  // namespace netns
