#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

# A lab for the tests of this file; that of `lazuli run`, where it runs bats.
setup_file() {
  if [ -n "$LAZULI_LAB" ]; then return; fi
  export LAZULI_LAB="bats-$$" OWN_LAB="bats-$$"
  lazuli up "$BATS_TEST_DIRNAME/lab.yaml" --name "$OWN_LAB"
}

teardown_file() {
  if [ -n "$OWN_LAB" ]; then lazuli down "$OWN_LAB"; fi
}

@test "front reads the page" {
  page=$(lazuli exec front1 -- curl -sS --max-time 5 http://data1/)
  [[ "$page" == *"says hello to 10.0.1.4"* ]]
}

@test "nothing else comes in" {
  run lazuli exec front1 -- ping -c 1 -W 1 data1
  [ "$status" -eq 1 ]
}
