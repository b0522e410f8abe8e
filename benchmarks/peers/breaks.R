# strucchange's side of breaks.sh: the same answers and least times, in the same lines.
suppressPackageStartupMessages(library(strucchange))
work <- commandArgs(TRUE)[1]
program <- paste0("strucchange-", packageVersion("strucchange"))
# Of the processor: other programs of the machine do not count.
least <- function(f, runs) min(replicate(runs, sum(system.time(f())[c("user.self", "sys.self")]))) * 1e6

for (n in c(200, 500, 1000)) {
  d <- read.csv(sprintf("%s/breaks%d.csv", work, n))
  f <- function() breakpoints(y ~ x1 + x2 + x3, data = d, h = 0.15, breaks = 5)
  all <- f()
  for (m in 1:5) {
    one <- breakpoints(all, breaks = m)
    cat("answer", sprintf("bai_perron/%d/%d", n, m), program, paste(one$breakpoints, collapse = "/"), sprintf("%.10g", one$RSS), "\n")
  }
  cat("time", sprintf("bai_perron/%d", n), program, least(f, if (n > 500) 3 else 5), "\n")
}

# sup-F with regressors that stay: strucchange has no bootstrap of its own, so that its F statistics are
# computed for each of the same draws.
d <- read.csv(file.path(work, "supf.csv"))
draws <- as.matrix(read.csv(file.path(work, "supf_draws.csv"), header = FALSE, skip = 1))
sup <- function(y) { d$y <- y; max(Fstats(y ~ x1 + x2 + x3, data = d, from = 0.15)$Fstats) }
f <- function() apply(draws, 2, sup)
observed <- sup(d$y)
drawn <- NULL
us <- least(function() drawn <<- f(), 3)
task <- sprintf("sup_f/%d/%d", nrow(d), ncol(draws))
cat("answer", task, program, sprintf("%.10g", observed), sprintf("%.10g", (1 + sum(drawn >= observed)) / (1 + length(drawn))), "\n")
cat("time", task, program, us, "\n")
