// SPDX-License-Identifier: Apache-2.0
// emu/fabric/site.hpp — a site outside Azure: its VPN device, which is also its way to the internet, and its hosts.
//
//   <lab>.<host>           <lab>.<site>                        <lab>.internet
//      eth0 ------------ host-<host>      internet ----------- site-<site>
//                             |              ^
//                             +-- routes --> ipsec<n>   one for each gateway that has a connection to the site
#pragma once

#include "emu/fabric/fabric.hpp"

namespace emu {

/// The device.
netns::Namespace build_site(const Model& model, const OnPremises& site, const Places& places);

/// A host behind the device.
netns::Namespace build_site_host(const Model& model, const OnPremises& site, const OnPremisesHost& host, const Places& places);

}  // namespace emu
