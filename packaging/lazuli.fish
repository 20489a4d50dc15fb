# SPDX-License-Identifier: Apache-2.0
# Completion for fish(1): lazuli says what may stand there; where it says nothing, files may.
function __lazuli_offers
    set -l offers (lazuli complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
    if set -q offers[1]
        printf '%s\n' $offers
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c lazuli -f -a '(__lazuli_offers)'
