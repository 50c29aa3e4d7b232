// The whole-process benchmarks, each of which adds its rows. They throw what goes wrong.
#pragma once

#include "tests/benchmark/measure.hpp"

namespace ferry::benchmark {

void start_up(const Settings&, Results&);  // the program by itself
void worker(const Settings&, Results&);    // spawn, round trip, records, memory
void transfer(const Settings&, Results&);  // packages over HTTP against curl
void memory(const Settings&, Results&);    // of a large package on its way
void flows(const Settings&, Results&);     // a large Node-RED against the bare requests
void platforms(const Settings&, Results&);
void sync(const Settings&, Results&);     // records into tables, against a limit program and the tools of today
void sandbox(const Settings&, Results&);  // that it is not what the others measure

}  // namespace ferry::benchmark
