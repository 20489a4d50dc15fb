// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/drift_kinds.hpp"

namespace test {

const char* const kDriftPrelude = R"(set -e
at() { node=$1; shift; nsenter --net=/run/netns/$L.$node "$@"; }
switch() { at $1 sysctl -qw "net.$2"; }
end() { kill -KILL $(ip netns pids $L.$1) 2>/dev/null || true; }  # a program goes by itself when its supervisor is gone
)";

namespace {

// The lab is kFaultLab. Where a link of a router is named by the network behind it and the name is too long, `ip` finds it.
constexpr Drift kDrifts[] = {
    // Links: state, place, attributes.
    {"a machine's loopback is down", "ip -n $L.vm1 link set lo down", "vm1", "vm1: lo"},
    {"a router's loopback is down", "ip -n $L.hub link set lo down", "hub", "hub: lo"},
    {"the services' loopback is down", "ip -n $L.services link set lo down", "services", "services: lo"},
    {"the internet's loopback is down", "ip -n $L.internet link set lo down", "internet", "internet: lo"},
    {"a machine's link is down", "ip -n $L.vm1 link set eth0 down", "vm1", "vm1: eth0"},
    {"a port is down", "ip -n $L.hub link set vm-vm1 down", "hub", "hub: vm-vm1"},
    {"a bridge is down", "ip -n $L.hub link set br-default down", "hub", "hub: br-default"},
    {"a peering's link is down", "ip -n $L.spoke link set peer-hub down", "spoke", "spoke: peer-hub"},
    {"a router's way to the internet is down", "ip -n $L.hub link set internet down", "hub", "hub: internet"},
    {"the internet's way to a router is down", "ip -n $L.internet link set vnet-hub down", "internet", "internet: vnet-hub"},
    {"the backbone is down", "ip -n $L.spoke link set backbone down", "spoke", "spoke: backbone"},
    {"an appliance's link is down", "ip -n $L.fw link set eth0 down", "fw", "fw: eth0"},
    {"a port is gone", "ip -n $L.hub link delete vm-vm1", "hub vm1", "hub: vm-vm1", "hub: link vm-vm1|vm1: link eth0"},
    {"a machine's link is gone", "ip -n $L.web link delete eth0", "spoke web", "web: eth0", "spoke: link vm-web|web: link eth0"},
    {"a peering's link is gone", "ip -n $L.spoke link delete peer-hub", "spoke hub", "peer-hub",
     "spoke: link peer-hub|hub: link peer-spoke"},
    {"a way to an appliance is gone", "ip -n $L.spoke link delete via-10.0.2.4", "spoke hub", "via-10.0.2.4",
     "spoke: link via-10.0.2.4|hub: link for-.*"},
    {"the backbone is gone", "ip -n $L.spoke link delete backbone", "spoke services", "backbone",
     "spoke: link backbone|services: link vnet-spoke|services: process .*"},
    {"a host's link is gone", "ip -n $L.laptop link delete eth0", "laptop internet", "eth0",
     "laptop: link eth0|internet: link host-laptop"},
    {"a bridge is gone", "ip -n $L.hub link delete br-nva", "hub", "hub: br-nva", "hub: link br-nva"},
    {"a port has left its bridge", "ip -n $L.spoke link set vm-web nomaster", "spoke", "spoke: vm-web"},
    {"a port is in another bridge", "ip -n $L.hub link set vm-vm1 master br-nva", "hub", "hub: vm-vm1"},
    {"a peering's link is a port", "ip -n $L.hub link set peer-far master br-nva", "hub", "hub: peer-far"},
    {"a machine's link has another name",
     "ip -n $L.vm1 link set eth0 down && ip -n $L.vm1 link set eth0 name eth9 && "
     "ip -n $L.vm1 link set eth9 up",
     "vm1 hub", "eth0", "vm1: link .*|hub: link vm-vm1"},
    {"a router's link has another name",
     "ip -n $L.hub link set peer-far down && ip -n $L.hub link set peer-far name strange && "
     "ip -n $L.hub link set strange up",
     "hub far", "peer-far", "hub: link .*|far: link peer-hub"},
    {"a link is in another namespace", "ip -n $L.hub link set vm-vm1 netns $L.spoke", "hub spoke vm1", "vm-vm1",
     "hub: link vm-vm1|spoke: link vm-vm1|vm1: link eth0"},
    {"another link has a machine's link's name",
     "ip -n $L.vm1 link delete eth0 && ip -n $L.vm1 link add eth0 type veth peer name x && "
     "ip -n $L.vm1 link set eth0 up",
     "vm1 hub", "vm1: eth0", "vm1: link .*|hub: link vm-vm1"},
    {"two ports are exchanged",
     "ip -n $L.hub link set vm-vm1 down && ip -n $L.hub link set vm-fw down && "
     "ip -n $L.hub link set vm-vm1 name x && ip -n $L.hub link set vm-fw name vm-vm1 && ip -n $L.hub link set x name vm-fw && "
     "ip -n $L.hub link set vm-vm1 up && ip -n $L.hub link set vm-fw up",
     "hub vm1 fw", "vm-vm1", "hub: link vm-.*|vm1: link eth0|fw: link eth0"},
    {"a router has a link too many", "ip -n $L.hub link add stray type veth peer name its && ip -n $L.hub link set stray up", "hub",
     "hub: stray", "hub: link stray|hub: link its"},
    {"a router has a bridge too many", "ip -n $L.hub link add stray type bridge && ip -n $L.hub link set stray up", "hub", "hub: stray",
     "hub: link stray"},
    {"a machine's link has another MTU", "ip -n $L.vm1 link set eth0 mtu 1400", "vm1", "vm1: eth0"},
    {"a port has another MTU", "ip -n $L.hub link set vm-vm1 mtu 1400", "hub", "hub: vm-vm1"},
    {"a peering's link has another MTU", "ip -n $L.hub link set peer-far mtu 1280", "hub", "hub: peer-far"},
    {"a bridge has another MTU", "ip -n $L.hub link set br-default mtu 1300", "hub", "hub: br-default"},
    {"a loopback has another MTU", "ip -n $L.vm1 link set lo mtu 1500", "vm1", "vm1: lo"},
    {"a machine's link has another link address", "ip -n $L.vm1 link set eth0 address 00:0d:3a:99:99:99", "vm1", "vm1: eth0"},
    {"a bridge has another link address", "ip -n $L.hub link set br-default address 02:00:00:00:00:05", "hub", "hub: br-default"},
    {"a port has lost its mark", "ip -n $L.hub link set vm-vm1 alias ''", "hub", "hub: vm-vm1", "hub: link vm-vm1|vm1: link eth0"},
    {"a machine's link does without ARP", "ip -n $L.vm1 link set eth0 arp off", "vm1", "vm1: eth0"},
    {"a bridge does without ARP", "ip -n $L.hub link set br-default arp off", "hub", "hub: br-default"},
    {"the internet is closed by a table of somebody's",
     "ip netns exec $L.internet nft 'add table ip evil; add chain ip evil f { type filter hook forward priority 0; policy drop; }'",
     "internet", "internet: load ruleset"},
    // Bridges and ports.
    {"a port is not isolated", "bridge -n $L.hub link set dev vm-vm1 isolated off", "hub", "hub: vm-vm1"},
    {"a port learns", "bridge -n $L.hub link set dev vm-vm1 learning on", "hub", "hub: vm-vm1"},
    {"a port is flooded", "bridge -n $L.hub link set dev vm-vm1 flood on", "hub", "hub: vm-vm1"},
    {"a port sends back", "bridge -n $L.hub link set dev vm-vm1 hairpin on", "hub", "hub: vm-vm1"},
    {"a port is blocked", "bridge -n $L.hub link set dev vm-vm1 state 0", "hub", "hub: vm-vm1"},
    {"a port is locked", "bridge -n $L.hub link set dev vm-vm1 locked on", "hub", "hub: vm-vm1"},
    {"a port answers for neighbours", "bridge -n $L.hub link set dev vm-vm1 neigh_suppress on", "hub", "hub: vm-vm1"},
    {"a port is flooded with broadcasts", "bridge -n $L.hub link set dev vm-vm1 bcast_flood on", "hub", "hub: vm-vm1"},
    {"a bridge speaks STP", "ip -n $L.hub link set br-default type bridge stp_state 1", "hub", "hub: br-default"},
    {"a bridge snoops no groups", "ip -n $L.hub link set br-default type bridge mcast_snooping 0", "hub", "hub: br-default"},
    {"a bridge forgets at once", "ip -n $L.hub link set br-default type bridge ageing_time 0", "hub", "hub: br-default"},
    {"a fixed bridge entry is gone", "bridge -n $L.hub fdb del 00:0d:3a:00:00:04 dev vm-vm1 master", "hub", "hub: vm-vm1"},
    {"all fixed bridge entries are gone",
     "for p in vm-vm1:00:00:04 vm-fw:00:02:04; do bridge -n $L.hub fdb del 00:0d:3a:${p#*:} dev "
     "${p%%:*} master; done",
     "hub", "hub: vm-fw"},
    {"a port has a fixed entry too many", "bridge -n $L.hub fdb add 00:0d:3a:11:11:11 dev vm-vm1 master static", "hub", "hub: vm-vm1"},
    {"a neighbour is gone", "ip -n $L.hub neigh del 10.0.0.4 dev br-default", "hub", "hub: 10.0.0.4"},
    {"a neighbour has another link address", "ip -n $L.hub neigh replace 10.0.0.4 lladdr 00:0d:3a:99:99:99 dev br-default nud permanent",
     "hub", "hub: 10.0.0.4"},
    {"a router has a neighbour too many", "ip -n $L.hub neigh add 10.0.0.99 lladdr 00:0d:3a:99:99:99 dev br-default nud permanent", "hub",
     "hub: 10.0.0.99"},
    // Addresses.
    {"a machine's address is gone", "ip -n $L.vm1 address del 10.0.0.4/24 dev eth0", "vm1", "vm1: 10.0.0.4/24"},
    {"a machine's address has another prefix",
     "ip -n $L.vm1 address del 10.0.0.4/24 dev eth0 && "
     "ip -n $L.vm1 address add 10.0.0.4/16 dev eth0",
     "vm1", "vm1: 10.0.0.4/24"},
    {"a bridge's address is gone", "ip -n $L.hub address del 10.0.0.1/24 dev br-default", "hub", "hub: 10.0.0.1/24"},
    {"a router has an address too many", "ip -n $L.hub address add 10.0.0.99/24 dev br-default", "hub", "hub: 10.0.0.99"},
    {"a peering's address is gone", "ip -n $L.hub address flush dev peer-far", "hub", "hub: peer-far"},
    {"a loopback's address is gone", "ip -n $L.vm1 address del 127.0.0.1/8 dev lo", "vm1", "vm1: 127.0.0.1"},
    {"a router's loopback has no address", "ip -n $L.hub address flush dev lo", "hub", "hub: lo"},
    {"a service's address is gone",
     "ip -n $L.services address del 198.19.0.4/32 dev internet || "
     "ip -n $L.services address del 198.19.0.4/32 dev lo",
     "services", "services: 198.19.0.4"},
    {"a host's address is gone", "ip -n $L.laptop address flush dev eth0", "laptop", "laptop: 203.0.113.200"},
    // Routes.
    {"a machine's default route is gone", "ip -n $L.vm1 route del default", "vm1", "vm1: default"},
    {"a machine's default route leads elsewhere", "ip -n $L.vm1 route replace default via 10.0.0.9 dev eth0 onlink proto 76", "vm1",
     "vm1: default"},
    {"a machine's route to its router is gone", "ip -n $L.vm1 route del 10.0.0.1 dev eth0", "vm1", "vm1: 10.0.0.1"},
    {"a route of the kernel's own is gone", "ip -n $L.hub route del 10.0.0.0/24 dev br-default", "hub", "hub: 10.0.0.0/24"},
    {"all routes of the kernel's own are gone", "ip -n $L.hub route flush proto kernel table main", "hub", "hub: 10.0.2.0/24"},
    {"a router does not know its own address", "ip -n $L.hub route del local 10.0.0.1 dev br-default table local", "hub", "hub: 10.0.0.1"},
    {"a machine does not know its own address", "ip -n $L.vm1 route del local 10.0.0.4 dev eth0 table local", "vm1", "vm1: 10.0.0.4"},
    {"a machine's local table is empty", "ip -n $L.vm1 route flush table local", "vm1", "vm1: 10.0.0.4"},
    {"a blackhole is gone", "ip -n $L.hub route del blackhole default", "hub", "hub: default"},
    {"a route of a subnet is gone", "ip -n $L.spoke route del 10.0.0.0/16 table $(ip -n $L.spoke rule | sed -n 's/.*br-app lookup //p')",
     "spoke", "spoke: 10.0.0.0/16"},
    {"a subnet's blackhole is gone",
     "ip -n $L.spoke route del blackhole 192.0.2.0/24 table "
     "$(ip -n $L.spoke rule | sed -n 's/.*br-app lookup //p')",
     "spoke", "spoke: 192.0.2.0/24"},
    {"a subnet's own prefix is not looked up elsewhere",
     "ip -n $L.spoke route del throw 10.1.0.0/16 table "
     "$(ip -n $L.spoke rule | sed -n 's/.*br-app lookup //p')",
     "spoke", "spoke: 10.1.0.0/16"},
    {"a subnet has no routes", "ip -n $L.spoke route flush table $(ip -n $L.spoke rule | sed -n 's/.*br-app lookup //p')", "spoke",
     "spoke: 10.2.0.0/16"},
    {"a router has a route too many", "ip -n $L.hub route add 10.0.0.4/32 dev internet", "hub", "hub: 10.0.0.4/32"},
    {"a subnet has a route too many",
     "ip -n $L.spoke route add blackhole 10.0.0.4/32 proto static table "
     "$(ip -n $L.spoke rule | sed -n 's/.*br-app lookup //p')",
     "spoke", "spoke: 10.0.0.4/32"},
    {"a router has a route of ours too many", "ip -n $L.hub route add blackhole 10.0.0.4/32 proto 76", "hub", "hub: 10.0.0.4/32"},
    {"the internet has a route too many", "ip -n $L.internet route add blackhole 203.0.113.10/32 metric 5", "internet",
     "internet: 203.0.113.10"},
    {"the internet lacks a route", "ip -n $L.internet route del 203.0.113.10", "internet", "internet: 203.0.113.10"},
    {"the services lack a route", "ip -n $L.services route flush table $(ip -n $L.services rule | sed -n 's/.*fwmark 0x1.* lookup //p')",
     "services", "services: default"},
    {"a machine has a route of ours too many", "ip -n $L.vm1 route add blackhole 10.2.0.0/16 proto 76", "vm1", "vm1: 10.2.0.0/16"},
    {"a route has another metric",
     "ip -n $L.vm1 route del default && ip -n $L.vm1 route add default via 10.0.0.1 dev eth0 onlink proto 76 "
     "metric 9",
     "vm1", "vm1: default"},
    {"a route has another MTU", "ip -n $L.vm1 route replace default via 10.0.0.1 dev eth0 onlink proto 76 mtu 600", "vm1", "vm1: default"},
    // Rules.
    {"a subnet's rule is gone", "ip -n $L.hub rule del iif br-default", "hub", "hub: br-default"},
    {"a subnet's rule leads elsewhere", "ip -n $L.hub rule del iif br-default && ip -n $L.hub rule add prio 1000 iif br-default lookup 5",
     "hub", "hub: br-default"},
    {"a router has a rule too many", "ip -n $L.hub rule add prio 10 from 10.0.0.4 blackhole", "hub", "hub: rule"},
    {"a router's main table is not looked up", "ip -n $L.hub rule del prio 32766", "hub", "hub: main"},
    {"a machine's main table is not looked up", "ip -n $L.vm1 rule del prio 32766", "vm1", "vm1: main"},
    {"a router's local table comes late", "ip -n $L.hub rule add prio 5000 lookup local && ip -n $L.hub rule del prio 0", "hub",
     "hub: local"},
    {"the services' rule is gone", "ip -n $L.services rule del prio 1000", "services", "services: fwmark"},
    {"a router has no rules", "ip -n $L.hub rule flush", "hub", "hub: br-nva"},
    // Rulesets.
    {"a ruleset is gone", "at hub nft flush ruleset", "hub", "hub: ruleset"},
    {"a ruleset has a rule too many", "at hub nft insert rule inet router forward drop", "hub", "hub: ruleset"},
    {"a ruleset lacks a rule", "at hub nft flush chain inet router forward", "hub", "hub: ruleset"},
    {"a ruleset lacks an element", "at hub nft flush set bridge ports bindings", "hub", "hub: ruleset"},
    {"a ruleset has an element too many", "at hub nft add element inet router with_public_address '{ 10.0.2.4 }'", "hub", "hub: ruleset"},
    {"a ruleset has another policy", "at hub nft chain inet router forward '{ policy drop; }'", "hub", "hub: ruleset"},
    {"a ruleset lacks a table", "at hub nft delete table bridge ports", "hub", "hub: ruleset"},
    {"a router has a table too many",
     "at hub nft 'add table ip evil; add chain ip evil f { type filter hook forward priority 0; policy "
     "drop; }'",
     "hub", "hub: ruleset"},
    {"a ruleset lacks its mark", "at hub nft delete table inet state", "hub", "hub: ruleset"},
    // Switches.
    {"a router does not forward", "switch hub ipv4.ip_forward=0", "hub", "hub: ip_forward"},
    {"an appliance does not forward", "switch fw ipv4.ip_forward=0", "fw", "fw: ip_forward"},
    {"the internet does not forward", "switch internet ipv4.ip_forward=0", "internet", "internet: ip_forward"},
    {"one link does not forward", "switch hub ipv4.conf.peer-spoke.forwarding=0", "hub", "hub: peer-spoke"},
    {"a router checks reverse paths", "switch hub ipv4.conf.all.rp_filter=1", "hub", "hub: rp_filter"},
    {"one link checks reverse paths", "switch hub ipv4.conf.peer-spoke.rp_filter=1", "hub", "hub: rp_filter"},
    {"a bridge does not answer for others", "switch hub ipv4.conf.br-default.proxy_arp=0", "hub", "hub: proxy_arp"},
    {"a bridge does not answer for neighbours", "switch hub ipv4.conf.br-default.proxy_arp_pvlan=0", "hub", "hub: proxy_arp_pvlan"},
    {"a bridge answers late", "switch hub ipv4.neigh.br-default.proxy_delay=80", "hub", "hub: proxy_delay"},
    {"a router sends redirects", "switch hub ipv4.conf.all.send_redirects=1", "hub", "hub: send_redirects"},
    {"one link sends redirects", "switch hub ipv4.conf.br-default.send_redirects=1", "hub", "hub: send_redirects"},
    {"a router ignores ARP", "switch hub ipv4.conf.all.arp_ignore=8", "hub", "hub: arp_ignore"},
    {"one link ignores ARP", "switch hub ipv4.conf.br-default.arp_ignore=8", "hub", "hub: arp_ignore"},
    {"a router filters ARP", "switch hub ipv4.conf.all.arp_filter=1", "hub", "hub: arp_filter"},
    {"a machine ignores ARP", "switch vm1 ipv4.conf.all.arp_ignore=8", "vm1", "vm1: arp_ignore"},
    {"a router has IPv6", "switch hub ipv6.conf.br-default.disable_ipv6=0", "hub", "hub: br-default"},
    {"the services ignore marks", "switch services ipv4.fwmark_reflect=0", "services", "services: fwmark_reflect"},
    {"the services' connections ignore marks", "switch services ipv4.tcp_fwmark_accept=0", "services", "services: tcp_fwmark_accept"},
    // Queues.
    {"a port loses everything", "tc -n $L.hub qdisc add dev vm-vm1 root pfifo limit 1", "hub", "hub: vm-vm1"},
    {"a peering's link is slow", "tc -n $L.hub qdisc add dev peer-far root tbf rate 8kbit burst 1540 latency 1ms", "hub", "hub: peer-far"},
    {"a bridge has a queue", "tc -n $L.hub qdisc add dev br-default root pfifo limit 3", "hub", "hub: br-default"},
    {"a link of the internet has a filter", "tc -n $L.internet qdisc add dev vnet-hub ingress", "internet", "internet: vnet-hub"},
    // Namespaces.
    {"a machine's namespace has no name", "ip netns delete $L.vm1", "vm1 hub", "vm1", "namespace vm1|vm1: .*|hub: link vm-vm1"},
    {"a namespace with a page has no name", "umount /run/netns/$L.web && rm /run/netns/$L.web", "web spoke", "web",
     "namespace web|web: .*|spoke: link vm-web|a network without a name: .*"},
    {"a machine's name is a file", "umount /run/netns/$L.vm1", "vm1 hub", "vm1", "namespace vm1|vm1: .*|hub: link vm-vm1"},
    {"a router's namespace has no name", "ip netns delete $L.far", "far hub app internet", "far",
     "namespace far|far: .*|hub: link (peer|for)-far.*|app: link eth0|internet: link vnet-far"},
    // Processes.
    {"a page is gone", "end web", "web", "web: web", "web: process .*"},
    {"a host's page is gone", "end laptop", "laptop", "laptop: web", "laptop: process .*"},
    {"a program is gone", "end app", "app", "app: run", "app: process .*"},
    {"the services are gone", "end services", "services", "services: mock_service", "services: process .*"},
    {"a flow log's collector is gone", "end hub", "hub", "hub: flow_log", "hub: process .*"},
    // Files that machines and servers read.
    {"a file of names is empty", "for f in $(find /run/lazuli/$L/hosts -type f); do : >$f; done", "", "hosts"},
    {"a file of names is gone", "rm -r /run/lazuli/$L/hosts", "", "hosts"},
    {"the file of name servers is empty", ": >/run/lazuli/$L/resolv.conf", "", "resolv.conf"},
    {"the services' configuration is gone", "rm /run/lazuli/$L/services/configuration.json", "services", "services: mock_service",
     "services: process .*"},
};

// In vm1, which has nothing of its own but eth0, and in app, which runs a program.
constexpr Own kOwnThings[] = {
    {"a bridge",
     "ip -n $L.vm1 link add own-br type bridge && ip -n $L.vm1 link set own-br addrgenmode none && ip -n $L.vm1 link set own-br up"},
    {"a pair of links",
     "ip -n $L.vm1 link add own-a type veth peer name own-b && ip -n $L.vm1 link set own-a addrgenmode none && "
     "ip -n $L.vm1 link set own-b addrgenmode none && ip -n $L.vm1 link set own-a up && "
     "ip -n $L.vm1 link set own-b up master own-br"},
    {"an address on a bridge of one's own", "ip -n $L.vm1 address add 172.17.0.1/16 dev own-br"},
    {"a fixed entry in a bridge of one's own", "bridge -n $L.vm1 fdb add 00:0d:3a:55:55:55 dev own-b master static"},
    {"a neighbour behind a bridge of one's own", "ip -n $L.vm1 neigh add 172.17.0.9 lladdr 00:0d:3a:55:55:55 dev own-br nud permanent"},
    {"a tunnel of a program's", "at vm1 ip tuntap add own-tun mode tun && ip -n $L.vm1 link set own-tun up"},
    {"an address on the machine's link", "ip -n $L.vm1 address add 10.0.0.200/32 dev eth0"},
    {"an address on the loopback", "ip -n $L.vm1 address add 10.99.0.1/32 dev lo"},
    {"a route", "ip -n $L.vm1 route add 192.0.2.0/24 via 10.0.0.1"},
    {"a route to nowhere", "ip -n $L.vm1 route add blackhole 198.51.100.0/24 proto static"},
    {"a route in a table of one's own", "ip -n $L.vm1 route add 10.77.0.0/16 via 10.0.0.1 table 77 proto 4"},
    {"a rule", "ip -n $L.vm1 rule add prio 900 from 10.99.0.1 lookup 77"},
    {"a rule for a mark", "ip -n $L.vm1 rule add prio 1000 fwmark 0x7 lookup 77"},
    {"a neighbour", "ip -n $L.vm1 neigh add 10.0.0.99 lladdr 00:0d:3a:44:44:44 dev eth0 nud permanent"},
    {"a table of rules",
     "at vm1 nft 'add table ip own; add chain ip own c { type nat hook postrouting priority 100; }; add rule ip own c "
     "oifname \"eth0\" ip saddr 172.17.0.0/16 masquerade'"},
    {"a queue", "tc -n $L.app qdisc add dev eth0 root pfifo limit 500"},
    {"a switch that is nobody's", "switch vm1 ipv4.icmp_echo_ignore_broadcasts=0"},
    {"a policy of IPsec", "ip -n $L.vm1 xfrm policy add src 172.17.0.0/16 dst 172.18.0.0/16 dir out priority 5"},
    {"a name that is mounted twice", "mount --bind /run/netns/$L.vm1 /run/netns/$L.vm1"},
    {"a program", "at app setsid -f sleep 12345 </dev/null >/dev/null 2>&1"},
};

constexpr Own kLostRecords[] = {
    {"a page's record is gone", "rm /run/lazuli/$L/processes/*.web.web"},
    {"a page's record is empty", "for f in /run/lazuli/$L/processes/*.web.web; do : >$f; done"},
    {"all records are gone", "find /run/lazuli/$L/processes -type f ! -name '*~*' -delete"},
};

}  // namespace

std::span<const Drift> drifts() { return kDrifts; }
std::span<const Own> own_things() { return kOwnThings; }
std::span<const Own> lost_records() { return kLostRecords; }

}  // namespace test
