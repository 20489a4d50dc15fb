// SPDX-License-Identifier: Apache-2.0
#include "netns/base/heap.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace netns {

void expect_many_values() {
  constexpr int kStep = 64 << 20;
  ::mallopt(M_TOP_PAD, kStep);
  ::mallopt(M_MMAP_THRESHOLD, kStep / 2);        // large values come from the same place
  ::mallopt(M_ARENA_MAX, 1);                     // and threads do
  void* volatile step = std::malloc(kStep / 4);  // volatile: the compiler would leave out the pair
  std::free(step);
  auto* end = static_cast<char*>(::sbrk(0));
  end -= reinterpret_cast<std::uintptr_t>(end) % static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  ::madvise(end - kStep, kStep, MADV_HUGEPAGE);  // a wish: it does no harm where it is not granted
}

}  // namespace netns
