// SPDX-License-Identifier: Apache-2.0
// emu/verify/path_observer.hpp — which way a probe's packets went, as seen on links.
//
// Theory of operation. A tap in each virtual network's router, in each end of a tunnel and in the internet sees every request that
// crosses any of their links; a filter in the kernel lets nothing else through. A probe's requests carry its tag
// (netns/capture/packet.hpp), so address translation and other traffic do not matter. Nothing is concluded from routes or addresses.
//
//   seen on the link to an appliance, to pass on           Path::Appliance
//   else on the inner side of a tunnel                     Path::Ipsec: it may go on to the internet from there (DEF-5)
//   else on any link of the internet                       Path::Internet
//   else on a router's link to the services                Path::ServiceEndpoint
//   else on a router's link to another router              Path::Peering
//   else on any other link of a router                     Path::VirtualNetwork
//   nowhere                                                no path: it never left its node
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "emu/model/model.hpp"

namespace emu {

/// The path of a request that was seen on `link` of `node`: a router, the end of a tunnel, or the internet.
Path path_of_link(std::string_view node, std::string_view link);

/// The path of a request that was seen in several places: the one that says most about its way. An appliance comes before the
/// internet, since where a request ended is plain from its target, and which way it went there is not.
Path further(Path a, Path b);

class PathObserver {
 public:
  /// Watches from now on. @throws netns::KernelError when the lab is not running, or the kernel refuses (CAP_NET_RAW)
  explicit PathObserver(const Model& model);
  PathObserver(const PathObserver&) = delete;
  PathObserver& operator=(const PathObserver&) = delete;
  ~PathObserver();

  /// A tag for one probe's packets, unlike every other of this observer. Any thread may ask.
  std::uint32_t issue_tag();

  /// Ends watching, after taking in every packet that was there before.
  void stop();

  /// The path that packets with `tag` have taken until now; empty when they were seen nowhere. Any thread may ask.
  std::optional<Path> path_of(std::uint32_t tag) const;

 private:
  class Watch;
  std::unique_ptr<Watch> watch_;
};

}  // namespace emu
