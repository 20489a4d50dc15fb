// SPDX-License-Identifier: Apache-2.0
// emu/semantics/reachability.hpp — what becomes of a packet and of the answer to it, as Azure's rules have it.
//
// Theory of operation. A flow is walked over the model, one node after the other, and then its answer is walked back: the sender's
// security rules (NSG-8), the effective route of its subnet (SEL-1), what the next hop does with the packet, the receiver's security
// rules. Machines with IP forwarding, gateways and sites' devices are nodes that a walk goes on from, with their own rules and routes.
// An answer passes where its flow is known (NSG-11) and is judged anew where it is not, and counts only when it comes from the address
// that was asked. The walk knows the model and the rules, and nothing of how a lab is built: `lazuli verify --matrix` holds the two
// against each other.
//
// What a machine's own commands (`run`) do is not in the model. Where a walk passes such an appliance it is walked twice, once with the
// packet as it came and once with the appliance's address as its source; `otherwise` holds the second outcome where it differs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emu/model/model.hpp"

namespace emu {

class WalkMap;

/// One question: can `from` reach `address`?
struct Flow {
  std::string from;  ///< a virtual machine, or a host on the internet or in a site
  Ipv4Address address;
  CheckKind kind = CheckKind::Ping;
  std::uint16_t port = 0;  ///< 0 for ping

  bool operator==(const Flow&) const = default;
};

enum class Fate {
  Answers,  ///< ping: a reply; tcp: a connection; http: a response, whatever status its server gives it
  Status,   ///< http: a response whose status is Azure's
  Refused,  ///< the packet arrived where nothing listens: RST
  Silent,   ///< lost on the way there or back, without a word (NSG-13, RT-3)
  Loops,    ///< sent round in circles by appliances until its time to live ends; whoever notices may say so
};

/// In the words of checks: `reachable`, `refused`, `blocked`; `loops`; `status` for Fate::Status.
std::string_view to_string(Fate fate);

/// What happened to a packet at one place.
struct Step {
  std::string place;  ///< `vm app1`, `net/web`, `gateway gw`, `internet`
  std::string words;  ///< `route 10.0.0.0/8 (User, via-nva/spokes) -> VirtualAppliance 10.0.2.4`
  std::string node;   ///< of the lab, whose namespace the place is in

  bool operator==(const Step&) const = default;
};

struct Prediction {
  Fate fate = Fate::Silent;
  int status = 0;                     ///< of Fate::Status
  std::vector<Step> there;            ///< the way of the packet
  std::vector<Step> back;             ///< the way of the answer; empty when the packet did not arrive
  std::string answered_by;            ///< the node that the packet arrived at: another one may have that address there; or empty
  std::string reason;                 ///< what decided: the last word of the way there or back
  std::vector<Prediction> otherwise;  ///< what else may happen, since a program of the lab's own is on the way
};

/// `reachable`, `blocked`, …, or the status as a number; with `otherwise` both: `blocked or reachable`.
std::string describe(const Prediction& prediction);

/// Answers any number of questions about one model, which must be resolved and outlive it. Any thread may ask.
class Predictor {
 public:
  explicit Predictor(const Model& model);
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;
  ~Predictor();

  /// @throws std::invalid_argument when there is no node of that name
  Prediction predict(const Flow& flow) const;

 private:
  std::unique_ptr<const WalkMap> map_;
};

/// One question; for many use a Predictor.
Prediction predict(const Model& model, const Flow& flow);

}  // namespace emu
