# SPDX-License-Identifier: Apache-2.0
# Completion for bash(1): lazuli says what may stand there; where it says nothing, files may.
_lazuli() {
  mapfile -t COMPREPLY < <(lazuli complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1)
}
complete -o default -F _lazuli lazuli
