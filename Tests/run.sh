#!/bin/bash
# Runs all tests in two processes: those of the built program, which mostly wait, and the others, which mostly compute. Each
# process runs as many tests at once as there are cores, and side by side they leave no core idle.
cd "$(dirname "$0")/.." || exit
export SWIFT_DETERMINISTIC_HASHING=1
tests=.build/debug/rotatedPackageTests.xctest
$tests --testing-library swift-testing --filter '^ProgramTests\.' & program=$!
$tests --testing-library swift-testing --skip '^ProgramTests\.' & others=$!
trap 'kill $program $others' TERM
status=0
wait $program || status=$?
wait $others || status=$?
exit $status
