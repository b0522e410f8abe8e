// Monitoring as tables for a reader: when did new observations leave the history's regression.
#pragma once

#include <vector>

#include "engine/model/fit_result.h"
#include "models/structural_break/break_report.h"

namespace amnok {

// Table monitoring, a row a process; table monitoring_path, processes and boundaries by period. The
// first `history` observations are the history. MOSUM windows hold half of it, and its boundary is
// for as many histories as the sample has, in [2, 10]; beyond ten it is left out.
std::vector<ResultTable> monitoring_tables(const PartitionSearch& search, int history,
                                           const BreakReportOptions& options, const DateOf& date);

}  // namespace amnok
