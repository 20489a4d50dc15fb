// SPDX-License-Identifier: Apache-2.0
#include "netns/base/stop_signals.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include "netns/base/error.hpp"

namespace netns {

StopSignals::StopSignals() {
  sigset_t signals{};
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  fd_ = UniqueFd{::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!fd_) {
    const int error = errno;
    throw KernelError(error, "open a signalfd");
  }
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

bool StopSignals::came() const {
  pollfd told{fd_.get(), POLLIN, 0};
  return ::poll(&told, 1, 0) > 0;
}

StopSignals::~StopSignals() {
  signalfd_siginfo taken{};
  while (::read(fd_.get(), &taken, sizeof taken) > 0) {
  }
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace netns
