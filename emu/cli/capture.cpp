// SPDX-License-Identifier: Apache-2.0
// emu/cli/capture.cpp — `lazuli capture NODE [LINK]`: packets as a pcap file.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "emu/cli/command.hpp"
#include "emu/fabric/names.hpp"
#include "emu/report/terminal.hpp"
#include "netns/base/stop_signals.hpp"
#include "netns/base/unique_fd.hpp"
#include "netns/capture/capture.hpp"

namespace emu::cli {
namespace {

struct CaptureArguments {
  NodeWords words;
  std::string link;
  std::string output = "-";
};

Exit run_capture(const CaptureArguments& arguments) {
  const auto [model, node] = running_node(arguments.words);
  require_there(model, node);
  const bool to_stdout = arguments.output == "-";
  if (to_stdout && ::isatty(STDOUT_FILENO) == 1)
    throw UsageError(fmt::format("pcap is not for a terminal: name a file with -w, or '{} | tcpdump -nr -'",
                                 command_text(fmt::format("capture {}/{}{}{}", model.lab, node, arguments.link.empty() ? "" : " ",
                                                          arguments.link.empty() ? "" : in_shells_quotes(arguments.link)))));
  netns::UniqueFd file;
  if (!to_stdout) {
    file = netns::UniqueFd{::open(arguments.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    const int error = errno;
    if (!file) throw std::system_error(error, std::system_category(), arguments.output);
  }
  const netns::StopSignals stop;
  const auto begun = [&, name = node] {
    const auto link = arguments.link.empty() ? "all links" : fmt::format("link {}", arguments.link);
    fmt::print(stderr, "listening on {} of {}; Ctrl-C ends it\n", link, name);
  };
  const auto counts =
      netns::capture(namespace_name(model.lab, node), arguments.link, to_stdout ? STDOUT_FILENO : file.get(), stop.fd(), begun);
  fmt::print(stderr, "{} packet{}{}\n", counts.written, counts.written == 1 ? "" : "s",
             counts.dropped == 0 ? "" : fmt::format(", {} dropped", counts.dropped));
  return Exit::Done;
}

}  // namespace

void add_capture(CLI::App& app, Exit& status) {
  auto* command = app.add_subcommand("capture", "What crosses a node's links, as pcap, until Ctrl-C");
  const auto arguments = std::make_shared<CaptureArguments>();
  add_node_words(*command, arguments->words, kAnyNode);
  command->add_option("link", arguments->link, "One of its links, as `ip -br link` there names it; all of them when none is named");
  command->add_option("-w,--write", arguments->output, "The file to write; - is standard output, for tcpdump -nr -")
      ->type_name("FILE")
      ->capture_default_str();
  add_examples(*command, {"capture vm1 -w vm1.pcap", "capture internet | tcpdump -nr -"});
  command->callback([=, &status] {
    require_root(*command);
    status = run_capture(*arguments);
  });
}

}  // namespace emu::cli
