// SPDX-License-Identifier: Apache-2.0
// The way out of a network to the internet, over it, and in by a public address (PIP-4..13).
#include <fmt/format.h>

#include "emu/model/nodes.hpp"
#include "emu/semantics/walk.hpp"

namespace emu {
namespace {

const Where kTheInternet{std::string(kInternetNode), std::string(kInternetNode)};

}  // namespace

Walk::Next Walk::leave_by_edge(const SubnetPlace& subnet, const MachinePlace* sender) {
  const auto where = where_is(*subnet.network);
  if (sender == nullptr || packet_.source != sender->address)
    return lose(where, "a public address is given to what a machine sends itself, not to what it passes on (PIP-7)");
  if (answering_ && !is_known(*subnet.network)) return lose(where, "answers to nothing that it has seen, so it does not leave (DEF-2)");
  if (const auto& public_address = sender->machine->public_ip_address) {
    note(where, fmt::format("leaves with its public address {} (PIP-4)", to_string(*public_address)));
    packet_.source = *public_address;
    return cross_internet();
  }
  if (answering_) return lose(where, "an answer cannot leave by default outbound access (PIP-9)");
  if (!subnet.subnet->default_outbound_access)
    return lose(where, "has no public address, and its subnet no default outbound access (PIP-11)");
  if (packet_.protocol == RuleProtocol::Icmp) return lose(where, "default outbound access takes no echo requests (PIP-9)");
  translate(subnet.network, *subnet.network->network->default_outbound_address);
  note(where, fmt::format("leaves by default outbound access as {} (PIP-9)", to_string(packet_.source)));
  return cross_internet();
}

Walk::Next Walk::cross_internet() {
  const auto* place = map_.public_place(packet_.destination);
  if (place == nullptr) return lose(kTheInternet, fmt::format("nobody has {}", to_string(packet_.destination)));
  if (place->host != nullptr) return place->host;
  if (place->service != nullptr) return ServicePlace{place->service, nullptr};
  if (place->gateway != nullptr) return lose(where_is(Place{place->gateway}), "answers IKE and ESP only");
  if (place->site != nullptr) {
    if (!translate_back(place->site)) return lose(where_is(Place{place->site}), "lets in only what it was asked for");
    note(where_is(Place{place->site}), fmt::format("an answer to what left here for {}", to_string(packet_.destination)));
    return place->site;
  }
  return enter_by_edge(*place);
}

Walk::Next Walk::enter_by_edge(const PublicPlace& place) {
  if (place.machine != nullptr) {
    note(kTheInternet, fmt::format("{} is {}'s public address (PIP-4)", to_string(packet_.destination), name_of(Place{place.machine})));
    packet_.destination = place.machine->address;
    return receive(*place.machine, Arrival::Usual, true);
  }
  const auto& network = *place.default_outbound_of;
  const auto where = where_is(network);
  if (!translate_back(&network)) return lose(where, "nothing comes in by default outbound access (PIP-9)");
  note(where, fmt::format("an answer to what {} sent", to_string(packet_.destination)));
  return deliver(network, Arrival::Usual);
}

}  // namespace emu
