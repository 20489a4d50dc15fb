# SPDX-License-Identifier: Apache-2.0
"""The same topology for each contestant: N machines in one subnet of 10.0.0.0/16, default route by 10.0.0.1."""

MACHINE_SETUP = "link set lo up", "addr add {address}/16 dev eth0", "link set eth0 up", "route add default via 10.0.0.1"


def address(machine):
    """Azure keeps the first four addresses of a subnet; machines count from 1."""
    return f"10.0.{(machine + 3) >> 8}.{(machine + 3) & 255}"


def lab_file(lab, machines):
    lines = [
        f"lab: {lab}",
        "virtual_networks:",
        "  - name: net",
        "    address_space: [10.0.0.0/16]",
        "    subnets:",
        "      - {name: default, address_prefixes: [10.0.0.0/16]}",
        "virtual_machines:",
        *(f"  - {{name: vm{machine}, subnet: net/default}}" for machine in range(1, machines + 1)),
    ]
    return "\n".join(lines) + "\n"


def traffic_lab_file(lab):
    """left1 and left2 in one subnet, right1 in a peered network; left1 and right1 with public addresses."""
    return f"""\
lab: {lab}
virtual_networks:
  - name: left
    address_space: [10.1.0.0/16]
    subnets:
      - {{name: default, address_prefixes: [10.1.0.0/24]}}
    peerings:
      - {{name: left-to-right, remote_virtual_network: right}}
  - name: right
    address_space: [10.2.0.0/16]
    subnets:
      - {{name: default, address_prefixes: [10.2.0.0/24]}}
    peerings:
      - {{name: right-to-left, remote_virtual_network: left}}
virtual_machines:
  - {{name: left1, subnet: left/default, private_ip_address: 10.1.0.4, public_ip_address: 203.0.113.4}}
  - {{name: left2, subnet: left/default, private_ip_address: 10.1.0.5}}
  - {{name: right1, subnet: right/default, private_ip_address: 10.2.0.4, public_ip_address: 203.0.113.5, public_ip_address_sku: Basic}}
"""


def services_lab_file(lab):
    return f"""\
lab: {lab}
virtual_networks:
  - name: net
    address_space: [10.1.0.0/16]
    subnets:
      - {{name: default, address_prefixes: [10.1.0.0/24], service_endpoints: [Microsoft.Storage]}}
virtual_machines:
  - {{name: vm1, subnet: net/default}}
storage_accounts:
  - {{name: data}}
"""


def service_configuration(device, address):
    """What the server of such a lab is told, for one link, on which it has `address`."""
    subnets = [{"name": "default", "prefixes": ["10.99.0.0/24"]}]
    service = {"name": "data", "location": "westus", "address": address, "denies": False, "allowedSubnets": [], "allowedAddresses": []}
    link = {"device": device, "virtualNetwork": "net", "subnets": subnets, "services": [address]}
    return {"links": [link], "services": [service], "azureAddresses": {}}


def security_lab_file(lab, machines, rules):
    """`machines` in one subnet, whose group has `rules` besides the default ones, none of which the traffic meets; None: no group."""
    lines = lab_file(lab, machines).splitlines()
    if rules is None:
        return "\n".join(lines) + "\n"
    subnet = next(i for i, line in enumerate(lines) if "name: default" in line)
    lines[subnet] = "      - {name: default, address_prefixes: [10.0.0.0/16], network_security_group: guard}"
    lines += ["network_security_groups:", "  - name: guard", "    security_rules:"]
    for rule in range(rules):
        access = "Allow" if rule % 2 else "Deny"
        source = f"10.200.{rule % 250}.0/24" if rule % 10 == 0 else "'*'"
        lines.append(
            f"      - {{name: rule{rule}, priority: {100 + rule}, direction: Inbound, access: {access}, protocol: Tcp,"
            f" source_address_prefix: {source}, destination_port_range: {20000 + rule}}}"
        )
    return "\n".join(lines) + "\n"


def matrix_lab_file(lab, machines):
    """`machines` that serve one port, half of them in each of two peered networks."""
    lines = [f"lab: {lab}", "virtual_networks:"]
    for here, there, space in (("left", "right", "10.1"), ("right", "left", "10.2")):
        lines += [
            f"  - name: {here}",
            f"    address_space: [{space}.0.0/16]",
            f"    subnets: [{{name: default, address_prefixes: [{space}.0.0/24]}}]",
            f"    peerings: [{{name: to-{there}, remote_virtual_network: {there}}}]",
        ]
    lines.append("virtual_machines:")
    lines += [f"  - {{name: vm{i}, subnet: {'left' if i % 2 else 'right'}/default, web: 80}}" for i in range(1, machines + 1)]
    return "\n".join(lines) + "\n"


def tunnel_lab_file(lab, sites=1):
    """A network with a gateway and a tunnel to each of `sites`; server1, 192.168.1.10, is in the first one, and so on."""
    locals_, connections, on_premises = [], [], []
    for i in range(1, sites + 1):
        space, key = f"192.168.{i}.0/24", f"Measured.{i}"
        locals_.append(f"{{name: local{i}, gateway_address: on_premises.dc{i}, address_space: [{space}]}}")
        connections.append(f"{{name: to-dc{i}, virtual_network_gateway: gw, local_network_gateway: local{i}, shared_key: {key}}}")
        on_premises.append(f"{{name: dc{i}, address_space: [{space}], shared_key: {key}, hosts: [{{name: server{i}, ip_address: 192.168.{i}.10}}]}}")
    return f"""lab: {lab}
virtual_networks:
  - name: vnet
    address_space: [10.1.0.0/16]
    subnets:
      - {{name: default, address_prefixes: [10.1.0.0/24]}}
      - {{name: GatewaySubnet, address_prefixes: [10.1.255.0/27]}}
virtual_machines:
  - {{name: vm1, subnet: vnet/default, private_ip_address: 10.1.0.4}}
virtual_network_gateways:
  - {{name: gw, virtual_network: vnet}}
local_network_gateways: [{", ".join(locals_)}]
virtual_network_gateway_connections: [{", ".join(connections)}]
on_premises: [{", ".join(on_premises)}]
"""


def router_commands(machines, namespace):
    """What goes into the router's namespace, as arguments of ip(8)."""
    yield "link add br0 type bridge"
    yield "addr add 10.0.0.1/16 dev br0"
    yield "link set br0 up"
    for machine in range(1, machines + 1):
        yield f"link add p{machine} type veth peer name eth0 netns {namespace(machine)}"
        yield f"link set p{machine} master br0 up"


def machine_commands(machine):
    return [command.format(address=address(machine)) for command in MACHINE_SETUP]


def one_batch(machines, namespace):
    """The topology as one input of `ip -batch`, which stays in one namespace and so starts an ip(8) for each command in another."""
    lines = [f"netns add {namespace(node)}" for node in range(machines + 1)]
    lines += [f"netns exec {namespace(0)} ip {command}" for command in router_commands(machines, namespace)]
    for machine in range(1, machines + 1):
        lines += [f"netns exec {namespace(machine)} ip {command}" for command in machine_commands(machine)]
    return "\n".join(lines) + "\n"


def batch_for_each(machines, namespace):
    """The topology as a shell script with one `ip -batch` for each namespace: the best that ip(8) can do."""
    lines = ["set -e", "ip -batch - <<END", *(f"netns add {namespace(node)}" for node in range(machines + 1)), "END"]
    lines += [f"ip -n {namespace(0)} -batch - <<END", *router_commands(machines, namespace), "END"]
    for machine in range(1, machines + 1):
        lines += [f"ip -n {namespace(machine)} -batch - <<END", *machine_commands(machine), "END"]
    return "\n".join(lines) + "\n"


def removal_batch(machines, namespace):
    return "".join(f"netns del {namespace(node)}\n" for node in range(machines + 1))
