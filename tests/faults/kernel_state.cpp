// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/kernel_state.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <net/if.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <system_error>
#include <thread>

#include "netns/base/unique_fd.hpp"
#include "tests/faults/raw_dumps.hpp"
#include "tests/scenario/lab.hpp"
#include "tests/support/command.hpp"

namespace test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kNames = "/run/netns";

/// Numbers and times that the kernel gives; and ends of links by number, which are replaced by names.
const std::set<std::string> kFree{"ifindex",
                                  "link_index",
                                  "link_netnsid",
                                  "link",
                                  "handle",
                                  "gc_timer",
                                  "hello_timer",
                                  "tcn_timer",
                                  "hold_timer",
                                  "id",
                                  "no",
                                  "designated_port",
                                  "bridge_id",
                                  "root_id",
                                  "designated_root",
                                  "addr_info",
                                  "promiscuity",
                                  "topology_change_timer",
                                  "message_age_timer",
                                  "tso_max_size",
                                  "tso_max_segs",
                                  "forward_delay_timer",
                                  "designated_bridge",
                                  "refcnt"};

/// Switches that are no settings: what they hold follows from what happened, or from the machine.
bool is_a_setting(std::string_view path) {
  static const std::set<std::string_view> kOthers{"netfilter/nf_conntrack_count", "netfilter/nf_conntrack_buckets", "ipv4/tcp_fastopen_key",
                                                  "core/netdev_rss_key", "ipv6/conf/all/stable_secret"};
  return !kOthers.contains(path);
}

/// Words of `ip -json -batch`, one document a command; it also complains of names that lead nowhere.
std::vector<json> documents(const std::string& text) {
  std::vector<json> all;
  std::string said;
  for (const auto& line : lines_of(text))
    if (!line.starts_with("Error: ")) said += line + '\n';
  std::istringstream stream{said};
  while (stream >> std::ws && !stream.eof()) {
    json document;
    stream >> document;
    all.push_back(std::move(document));
  }
  return all;
}

std::string must_run(const std::vector<std::string>& argv, const std::string& input = {}) {
  const auto result = run(argv, input);
  if (result.status != 0) throw std::runtime_error(fmt::format("{} {} ended with {}: {}", argv[0], argv[1], result.status, result.output));
  return result.output;
}

/// As `nft --json --stateless list ruleset` prints it, which would be a process for each of ten namespaces each time.
std::string list_ruleset() {
  static std::mutex mutex;  // the library is for one thread
  const std::lock_guard lock{mutex};
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context{nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free};
  nft_ctx_output_set_flags(context.get(), NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_STATELESS);
  nft_ctx_buffer_output(context.get());
  nft_ctx_buffer_error(context.get());
  if (nft_run_cmd_from_buffer(context.get(), "list ruleset") != 0) throw std::runtime_error(nft_ctx_get_error_buffer(context.get()));
  return nft_ctx_get_output_buffer(context.get());
}

std::string word_of(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// `key value key value`, without what is free, as `ip` prints things.
std::string line_of(const json& object) {
  std::string line;
  for (const auto& [key, value] : object.items())
    if (!kFree.contains(key)) line += fmt::format("{}{} {}", line.empty() ? "" : " ", key, word_of(value));
  return line;
}

/// Of a link that leads into another namespace.
struct OtherEnd {
  std::string what;   ///< name of the entry that says so
  std::string place;  ///< node
  int index = 0;      ///< there
};

/// Of one namespace; nothing but what it holds.
class NamespaceReader {
 public:
  NamespaceReader(std::string_view lab, const std::string& node) : prefix_(std::string(lab) + '.'), node_(node) {}

  /// On a thread that is in the namespace.
  KernelState read() {
    read_links_and_routes();
    read_ruleset();
    read_switches(AT_FDCWD, "/proc/sys/net", "");
    return std::move(state_);
  }

  /// Link addresses that the kernel chose, and what stands for them.
  const std::map<std::string, std::string>& chosen_addresses() const { return chosen_; }
  /// Links by their number.
  const std::map<int, std::string>& indexes() const { return indexes_; }
  const std::vector<OtherEnd>& other_ends() const { return ends_; }

 private:
  void set(const std::string& what, std::string value) { state_.insert_or_assign(fmt::format("{}: {}", node_, what), std::move(value)); }

  /// What may be there more than once, and has no order.
  void add(const std::string& what) {
    auto& count = state_[fmt::format("{}: {}", node_, what)];
    count = count.empty() ? "there" : count + ", once more";
  }

  void flatten(const std::string& name, const json& value) {
    if (!value.is_object()) return set(name, word_of(value));
    for (const auto& [key, part] : value.items())
      if (!kFree.contains(key)) flatten(fmt::format("{}{}{}", name, name.ends_with(':') ? " " : ".", key), part);
  }

  void read_links_and_routes() {
    const auto read = documents(
        must_run({"ip", "-d", "-j", "-batch", "-"}, "address\nnetns list-id\nroute show table all\nrule\nneigh show nud permanent\n"));
    if (read.size() != 5) throw std::runtime_error(fmt::format("ip said too little in {}", node_));
    std::map<int, std::string> names;  // of other namespaces, by their number here
    for (const auto& other : read[1])
      if (other.contains("name")) names.emplace(other["nsid"].get<int>(), other["name"].get<std::string>());
    for (const auto& link : read[0]) read_link(link, names);
    for (const auto& route : read[2]) add("route " + line_of(route));
    for (const auto& rule : read[3]) add("rule " + line_of(rule));
    for (const auto& neighbour : read[4]) add("neighbour " + line_of(neighbour));
    for (const auto& line : raw_dumps(indexes_)) add(line);
  }

  void read_link(const json& link, const std::map<int, std::string>& names) {
    const auto name = fmt::format("link {}:", link["ifname"].get<std::string>());
    flatten(name, link);
    if (link.contains("link_netnsid")) {
      const auto there = names.find(link["link_netnsid"].get<int>());
      auto peer = there == names.end() ? "a namespace without a name" : there->second;
      if (peer.starts_with(prefix_)) peer.erase(0, prefix_.size());
      ends_.push_back({fmt::format("{}: {} other end", node_, name), std::move(peer), link.value("link_index", 0)});
    } else if (link.contains("link")) {
      set(name + " other end", "here, " + word_of(link["link"]));
    }
    indexes_.emplace(link["ifindex"].get<int>(), link["ifname"].get<std::string>());
    const auto address = link.value("address", "");
    if (is_chosen(address)) chosen_.emplace(address, fmt::format("<address of {} in {}>", link["ifname"].get<std::string>(), node_));
    for (const auto& one : link["addr_info"]) add(fmt::format("address on {}: {}", link["ifname"].get<std::string>(), line_of(one)));
  }

  /// A random address has its second bit set; of Lazuli's own in these labs the routers' alone has it.
  static bool is_chosen(const std::string& address) {
    return address.size() == 17 && std::string_view{"2367abef"}.find(address[1]) != std::string_view::npos &&
           address != "12:34:56:78:9a:bc";
  }

  void read_ruleset() {
    const auto ruleset = json::parse(list_ruleset());
    std::map<std::string, int> rules;
    for (const auto& object : ruleset["nftables"]) {
      for (const auto& [kind, content] : object.items()) {
        if (kind == "metainfo") continue;
        json value = content;
        value.erase("handle");
        if (kind == "rule") {
          const auto chain = fmt::format("{} {} {}", word_of(value["family"]), word_of(value["table"]), word_of(value["chain"]));
          set(fmt::format("ruleset: {} rule {}", chain, ++rules[chain]), value["expr"].dump() + value.value("comment", ""));
          continue;
        }
        const auto elements = value.value("elem", json::array());
        value.erase("elem");
        auto name = fmt::format("ruleset: {} {}", kind, word_of(value["family"]));
        if (value.contains("table")) name += ' ' + word_of(value["table"]);
        if (value.contains("name")) name += ' ' + word_of(value["name"]);
        add(fmt::format("{} {}", name, line_of(value)));
        // How often a ruleset was loaded is counted there; traffic fills the others.
        const bool is_the_mark = value.value("table", "") == "state" && value.value("name", "") == "loaded";
        const auto flags = value.value("flags", json::array());
        const bool fills_itself = std::ranges::any_of(flags, [](const json& flag) { return flag == "dynamic" || flag == "timeout"; });
        if (is_the_mark || fills_itself) continue;
        for (const auto& element : elements) add(fmt::format("{} element {}", name, element.dump()));
      }
    }
  }

  void read_switches(int folder, const char* name, const std::string& path) {
    const netns::UniqueFd here{::openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!here) return;
    std::vector<std::pair<std::string, bool>> found;
    for (const auto& entry : fs::directory_iterator(fmt::format("/proc/self/fd/{}", here.get())))
      found.emplace_back(entry.path().filename().string(), entry.is_directory());
    for (const auto& [entry, is_folder] : found) {
      const auto inner = path.empty() ? entry : fmt::format("{}/{}", path, entry);
      if (is_folder) {
        read_switches(here.get(), entry.c_str(), inner);
      } else if (is_a_setting(inner)) {
        const netns::UniqueFd file{::openat(here.get(), entry.c_str(), O_RDONLY | O_CLOEXEC)};
        std::array<char, 4096> text{};
        const auto size = file ? ::read(file.get(), text.data(), text.size()) : -1;
        if (size > 0)
          set("net/" + inner,
              std::string(text.data(), static_cast<std::size_t>(size) - (text[static_cast<std::size_t>(size) - 1] == '\n' ? 1U : 0U)));
      }
    }
  }

  std::string prefix_;
  std::string node_;
  KernelState state_;
  std::map<std::string, std::string> chosen_;
  std::map<int, std::string> indexes_;
  std::vector<OtherEnd> ends_;
};

/// Calls `work` for each of them on threads that end here, so that they may be left in any namespace.
template <typename Work>
void on_threads(const std::vector<std::string>& names, Work work) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failed;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      try {
        for (auto at = next++; at < names.size(); at = next++) work(names[at]);
      } catch (...) {
        const std::lock_guard lock{mutex};
        failed = std::current_exception();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (failed) std::rethrow_exception(failed);
}

/// Names under /run/netns that begin with the lab's, with the identity of what stands there; 0 for a file that is no namespace.
std::map<std::string, ino_t> named_namespaces(std::string_view lab) {
  const auto device_of = [](const char* path) {
    struct stat status {};
    return ::stat(path, &status) == 0 ? status.st_dev : 0;
  };
  static const auto kNamespaces = device_of("/proc/self/ns/net");
  std::map<std::string, ino_t> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(kNames, none)) {
    struct stat status {};
    const auto name = entry.path().filename().string();
    if (!name.starts_with(fmt::format("{}.", lab)) || ::stat(entry.path().c_str(), &status) != 0) continue;
    found.emplace(name.substr(lab.size() + 1), status.st_dev == kNamespaces ? status.st_ino : 0);
  }
  return found;
}

/// For the calling thread, which stays there.
void enter(std::string_view lab, const std::string& node) {
  const netns::UniqueFd file{::open(fmt::format("{}/{}.{}", kNames, lab, node).c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file || ::setns(file.get(), CLONE_NEWNET) != 0) throw std::system_error(errno, std::system_category(), "enter " + node);
}

std::string field_of(const std::string& status, std::string_view name) {
  const auto at = status.find(fmt::format("\n{}:", name));
  if (at == std::string::npos) return {};
  const auto start = status.find_first_not_of(" \t", at + name.size() + 2);
  return status.substr(start, status.find('\n', start) - start);
}

struct FoundProcess {
  pid_t pid = 0;
  std::string place;  ///< node, or what is known of its namespace
  std::string words;
  std::string rest;  ///< what it was started with
};

std::string words_of(std::string text) {
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::ranges::replace(text, '\0', ' ');
  return text;
}

/// Processes but the test's own: it, whom it descends from, and what it started itself.
std::vector<FoundProcess> find_processes(const std::map<std::string, ino_t>& names) {
  std::map<pid_t, pid_t> parents;
  std::map<pid_t, std::string> statuses;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    auto status = read_file(entry.path() / "status");
    const auto parent = field_of(status, "PPid");
    if (parent.empty() || field_of(status, "State").starts_with('Z')) continue;
    parents.emplace(std::stoi(name), std::stoi(parent));
    statuses.emplace(std::stoi(name), std::move(status));
  }
  std::set<pid_t> own;
  for (pid_t pid = ::getpid(); parents.contains(pid); pid = parents[pid]) own.insert(pid);
  const auto descends = [&](pid_t pid) {
    while (parents.contains(pid)) {
      if (pid == ::getpid()) return true;
      pid = parents[pid];
    }
    return false;
  };
  struct stat home {};
  ::stat("/proc/self/ns/net", &home);
  std::vector<FoundProcess> found;
  for (const auto& [pid, parent] : parents) {
    if (own.contains(pid) || descends(pid)) continue;
    const auto folder = fs::path("/proc") / std::to_string(pid);
    struct stat status {};
    if (::stat((folder / "ns/net").c_str(), &status) != 0) continue;
    std::string place = status.st_ino == home.st_ino ? "the machine's own network" : "a network without a name";
    for (const auto& [node, inode] : names)
      if (inode == status.st_ino) place = node;
    std::error_code none;
    const auto& all = statuses[pid];
    auto rest = fmt::format("in {}, user {}, umask {}, signals ignored {}, blocked {}", fs::read_symlink(folder / "cwd", none).string(),
                            field_of(all, "Uid").substr(0, field_of(all, "Uid").find('\t')), field_of(all, "Umask"),
                            field_of(all, "SigIgn"), field_of(all, "SigBlk"));
    found.push_back({pid, std::move(place), words_of(read_file(folder / "cmdline")), std::move(rest)});
  }
  return found;
}

/// A file of names is rewritten in place, for readers never to see it empty: names that are gone may stay as comments, and lines move.
std::string names_in(const std::string& text) {
  auto lines = lines_of(text);
  std::erase_if(lines, [](const std::string& line) { return line.starts_with('#'); });
  std::ranges::sort(lines);
  return fmt::format("{}", fmt::join(lines, "\n"));
}

/// Process numbers, times and sizes in a record of a process, and how often a lab changed; digests and names stay.
std::string without_numbers(const std::string& text) {
  static const std::regex kNumber{"\\b[0-9]+\\b"};
  return std::regex_replace(text, kNumber, "#");
}

void read_files(const fs::path& folder, KernelState& state) {
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none)) {
    struct stat status {};
    if (::lstat(entry.path().c_str(), &status) != 0) continue;
    const auto path = fs::relative(entry.path(), folder).string();
    auto what = fmt::format("mode {:o}", status.st_mode);
    if (path.starts_with("flow-logs")) continue;  // what was recorded
    const bool grows = path.ends_with("~log");
    if (entry.is_regular_file(none) && !grows) {
      const auto content = read_file(entry.path());
      const bool has_numbers = path == "lab.json" || path.starts_with("processes/") || path.starts_with("sandboxes/");
      what += '\n' + (has_numbers ? without_numbers(content) : path.starts_with("hosts/") ? names_in(content) : content);
    }
    state.emplace("file " + path, std::move(what));
  }
}

/// Mount points of the lab's, each as often as something is mounted there.
void read_mounts(const std::string& lab, KernelState& state) {
  for (const auto& line : lines_of(read_file("/proc/self/mountinfo"))) {
    std::istringstream words{line};
    std::string skipped;
    std::string point;
    words >> skipped >> skipped >> skipped >> skipped >> point;
    if (point != kNames && !point.starts_with(fmt::format("{}/{}.", kNames, lab)) && !point.starts_with("/run/lazuli")) continue;
    auto& count = state["mount " + point];
    count = std::to_string(count.empty() ? 1 : std::stoi(count) + 1);
  }
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

/// What an IPv6 address of a link ends in that was made from its link address.
std::string interface_identifier(const std::string& address) {
  std::array<unsigned, 6> octets{};
  std::istringstream stream{address};
  for (auto& octet : octets) {
    std::string word;
    std::getline(stream, word, ':');
    octet = static_cast<unsigned>(std::stoul(word, nullptr, 16));
  }
  return fmt::format("{:x}:{:x}:{:x}:{:x}", ((octets[0] ^ 2U) << 8U) | octets[1], (octets[2] << 8U) | 0xffU, 0xfe00U | octets[3],
                     (octets[4] << 8U) | octets[5]);
}

/// Addresses by name, in both halves of every entry that has any.
KernelState with_names(KernelState state, const std::map<std::string, std::string>& chosen) {
  if (chosen.empty()) return state;
  KernelState named;
  for (auto& [what, value] : state) {
    if (what.find(": net/") != std::string::npos) {
      named.emplace(what, std::move(value));
      continue;
    }
    auto key = what;
    for (const auto& [address, name] : chosen) {
      for (auto* text : {&key, &value}) {
        replace_all(*text, address, name);
        replace_all(*text, interface_identifier(address), name);
      }
    }
    named.emplace(std::move(key), std::move(value));
  }
  return named;
}

}  // namespace

KernelState observe_kernel(std::string_view lab, const std::set<std::string>& only) {
  const auto names = named_namespaces(lab);
  std::vector<std::string> nodes;
  for (const auto& [node, inode] : names)
    if (inode != 0 && (only.empty() || only.contains(node))) nodes.push_back(node);
  KernelState state;
  std::map<std::string, std::string> chosen;
  std::map<std::string, std::map<int, std::string>> indexes;
  std::vector<OtherEnd> ends;
  std::mutex mutex;
  on_threads(nodes, [&](const std::string& node) {
    enter(lab, node);
    NamespaceReader reader{lab, node};
    auto found = reader.read();
    const std::lock_guard lock{mutex};
    state.merge(found);
    chosen.insert(reader.chosen_addresses().begin(), reader.chosen_addresses().end());
    indexes.emplace(node, reader.indexes());
    ends.insert(ends.end(), reader.other_ends().begin(), reader.other_ends().end());
  });
  for (const auto& [what, place, index] : ends) {
    const auto& links = indexes[place];
    const auto there = links.find(index);
    // Of a place that was not read nothing is known but that the link leads there.
    const bool known = only.empty() || only.contains(place);
    state.emplace(what, fmt::format("{} in {}", !known ? "one" : there == links.end() ? "none" : there->second, place));
  }
  state = with_names(std::move(state), chosen);
  for (const auto& [node, inode] : names) state.emplace("namespace " + node, inode == 0 ? "a file that is no namespace" : "there");
  for (const auto& process : find_processes(names)) {
    auto& value = state[fmt::format("{}: process {}", process.place, process.words)];
    value += value.empty() ? process.rest : "; once more " + process.rest;
  }
  const auto folder = fs::path("/run/lazuli") / lab;
  read_files(folder, state);
  if (fs::exists(folder)) state.emplace("folder", "there");
  if (!state.empty()) read_mounts(std::string(lab), state);
  return state;
}

KernelState part_of(const KernelState& state, const std::set<std::string>& only) {
  KernelState part;
  for (const auto& [what, value] : state) {
    const auto colon = what.find(": ");
    const auto place = what.substr(0, colon);
    const bool is_network = colon != std::string::npos && what.compare(colon, 10, ": process ") != 0;
    if (is_network && !only.contains(place)) continue;
    const auto there = value.rfind(" in ");
    const bool leads_away =
        is_network && what.ends_with(": other end") && there != std::string::npos && !only.contains(value.substr(there + 4));
    part.emplace(what, leads_away ? fmt::format("one{}", value.substr(there)) : value);
  }
  return part;
}

std::vector<std::string> differences(const KernelState& before, const KernelState& after) {
  std::vector<std::string> found;
  for (const auto& [what, value] : before) {
    const auto now = after.find(what);
    if (now == after.end()) {
      found.push_back(fmt::format("gone: {} = {}", what, value));
    } else if (now->second != value) {
      found.push_back(fmt::format("other: {} = {}, was {}", what, now->second, value));
    }
  }
  for (const auto& [what, value] : after)
    if (!before.contains(what)) found.push_back(fmt::format("new: {} = {}", what, value));
  return found;
}

std::string text_of(const std::vector<std::string>& lines) {
  constexpr std::size_t kMost = 25;
  constexpr std::size_t kWidth = 300;
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, lines.size()); ++i) text += "  " + lines[i].substr(0, kWidth) + '\n';
  if (lines.size() > kMost) text += fmt::format("  and {} more\n", lines.size() - kMost);
  return text;
}

KernelState identities(std::string_view lab) {
  const auto names = named_namespaces(lab);
  KernelState state;
  std::mutex mutex;
  std::vector<std::string> nodes;
  for (const auto& [node, inode] : names) {
    state.emplace(fmt::format("namespace {}", node), std::to_string(inode));
    if (inode != 0) nodes.push_back(node);
  }
  on_threads(nodes, [&](const std::string& node) {
    enter(lab, node);
    const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> links{::if_nameindex(), if_freenameindex};
    const std::lock_guard lock{mutex};
    for (const auto* link = links.get(); link != nullptr && link->if_index != 0; ++link)
      state.emplace(fmt::format("{}: link {}", node, link->if_name), std::to_string(link->if_index));
  });
  for (const auto& process : find_processes(names)) {
    auto& numbers = state[fmt::format("{}: process {}", process.place, process.words)];
    numbers += std::to_string(process.pid) + ' ';
  }
  return state;
}

}  // namespace test
