#compdef lazuli
# SPDX-License-Identifier: Apache-2.0
# Completion for zsh(1): lazuli says what may stand there; where it says nothing, files may.
local -a offers
offers=(${(f)"$(lazuli complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)"})
if (( $#offers )); then
  # As `word:meaning`, which a colon of the word must not be taken for.
  offers=(${${offers//:/\\:}//$'\t'/:})
  _describe lazuli offers
else
  _files
fi
