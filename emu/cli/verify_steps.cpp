// SPDX-License-Identifier: Apache-2.0
// emu/cli/verify_steps.cpp — `lazuli verify --steps`: a lesson, played from its first step to its last on the running lab.
#include <fmt/format.h>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "emu/cli/measured.hpp"
#include "emu/cli/status_line.hpp"
#include "emu/cli/verify_run.hpp"
#include "emu/lab/lab.hpp"
#include "emu/model/wording.hpp"
#include "emu/report/plan_report.hpp"
#include "emu/report/terminal.hpp"
#include "emu/scenario/lab_steps.hpp"
#include "emu/semantics/changes.hpp"
#include "emu/verify/report.hpp"
#include "netns/base/heap.hpp"
#include "netns/base/scope_exit.hpp"
#include "netns/base/stop_signals.hpp"

namespace emu::cli {
namespace {

/// All that an exception says, its causes behind it.
std::string whole_story(const std::exception& error) {
  std::string story = error.what();
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    story += ": " + whole_story(cause);
  } catch (...) {
    story += ": an unknown cause";
  }
  return story;
}

class Lesson {
 public:
  Lesson(const VerifyArguments& arguments, Naming naming, const LabFile& file, Model was)
      : arguments_(arguments), naming_(std::move(naming)), file_(file), was_(std::move(was)), known_(load_record(was_.lab)) {}

  /// @return the runs of the lab's own checks and of each step, as far as it came
  /// @throws std::exception when it was interrupted or the lab could not be put back
  std::vector<CheckRun> operator()() {
    std::exception_ptr failure;
    try {
      play();
    } catch (...) {
      failure = std::current_exception();
    }
    put_back();
    if (failure) std::rethrow_exception(failure);
    if (signals_.came()) throw std::runtime_error(fmt::format("interrupted; lab '{}' is again what it was", was_.lab));
    return std::move(runs_);
  }

 private:
  void play() {
    if (!was_.checks.empty()) runs_.push_back(check(""));
    for (std::size_t i = 0; i < file_.steps.size() && !signals_.came(); ++i) {
      const auto& step = file_.steps[i];
      if (!arguments_.as_json) fmt::print("\n{}\n", step_heading(i + 1, printable(step.name)));
      CheckRun run;
      run.step = step.name;
      run.started = std::chrono::system_clock::now();
      try {
        apply(step);
      } catch (const std::exception& error) {
        run.failure = whole_story(error);
        fmt::print(stderr, "error: step {} could not be made: {}\n", in_quotes(step.name), run.failure);
        runs_.push_back(std::move(run));
        return;
      }
      runs_.push_back(step.lab.model.checks.empty() ? std::move(run) : check(step.name));
    }
  }

  CheckRun check(const std::string& step) {
    auto run = measured(naming_, [&](const Model& model) { return run_and_show(model, arguments_, [&] { return signals_.came(); }); });
    run.step = step;
    return run;
  }

  void apply(const LabStep& step) {
    require_untouched();
    const StatusLine line;
    const netns::ScopeExit notes{[&] { known_ = load_record(was_.lab); }};  // also of a change that was taken back
    const auto made = up(step.lab, options(), [&](const std::string& stage) { line.show(stage); });
    line.clear();
    if (has_errors(made.diagnostics)) throw std::runtime_error(render(of_step(made.diagnostics, step.first, step.last), file_.file));
    if (!arguments_.as_json) fmt::print("{}", render_changes(changes(made.before ? &*made.before : nullptr, made.after)));
    for (const auto& failed : made.failures) fmt::print(stderr, "{}", describe(failed));
    for (const auto& port : made.unserved) fmt::print(stderr, "{}\n", port);
  }

  void put_back() {
    if (known_ == first_) return;  // no step changed anything
    require_untouched();
    const StatusLine line;
    restore(was_, options(), [&](const std::string& stage) { line.show(stage); });
    line.clear();
    if (!arguments_.as_json) fmt::print("\n  lab '{}' is again what it was\n", was_.lab);
  }

  UpOptions options() const { return {known_ ? known_->origin : LabOrigin{}, false, patience_of(was_.lab, kPatienceWithOthers)}; }

  /// Whoever changed the lab meanwhile wants it so.
  void require_untouched() const {
    if (load_record(was_.lab) == known_) return;
    throw std::runtime_error(
        fmt::format("somebody else changed lab '{}' while its lesson was played; it is left as it is now: '{}' makes "
                    "it what its file says",
                    was_.lab, up_command(was_.lab)));
  }

  const netns::StopSignals signals_;
  const VerifyArguments& arguments_;
  Naming naming_;
  const LabFile& file_;
  const Model was_;
  std::optional<LabRecord> known_;  ///< what the last of our own changes left
  const std::optional<LabRecord> first_ = known_;
  std::vector<CheckRun> runs_;
};

/// The file that the lab was made from, under the lab's name. @throws UsageError
LabFile file_of(const std::string& lab) {
  const auto record = load_record(lab);
  if (!record || record->origin.file.empty())
    throw UsageError(fmt::format("lab '{}' was made from the standard input: steps are played from a file", lab));
  auto file = read_source(record->origin.file);
  if (!record->origin.name.empty()) rename_lab(file, record->origin.name);
  return file;
}

}  // namespace

Exit play_steps(const VerifyArguments& arguments) {
  netns::expect_many_values();
  ::signal(SIGPIPE, SIG_IGN);  // who stops reading ends a lesson by a failed write: the lab is put back
  const auto naming = naming_of(arguments.words);
  const auto lab = naming.lab();
  const UnchangedLab whole{naming};
  const auto file = file_of(lab);
  const auto proposal = plan(file);
  if (!accepted(proposal.diagnostics, file)) return Exit::WrongInput;
  if (file.steps.empty()) throw UsageError(fmt::format("{} has no steps to play: write 'steps:' in it", file.file));
  if (!proposal.before || *proposal.before != proposal.after || !proposal.steps.empty())
    throw std::runtime_error(
        fmt::format("lab '{}' is not what its file says; '{}' makes it so, then its lesson can be played", lab, up_command(lab)));
  const auto wrong = check_steps(file, *proposal.before);
  if (has_errors(wrong) && !accepted(wrong, file)) return Exit::WrongInput;
  const auto runs = Lesson{arguments, naming, file, *proposal.before}();
  return report_runs(arguments, lab, runs);
}

}  // namespace emu::cli
