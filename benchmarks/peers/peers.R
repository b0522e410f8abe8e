# R's answers and least processor times: task, program, microseconds, answer.
work <- commandArgs(TRUE)[1]
read <- function(name) read.csv(file.path(work, name))
least <- function(f, runs = 7) min(replicate(runs, sum(system.time(f())[c("user.self", "sys.self")]))) * 1e6
say <- function(task, program, us, answer) cat(task, program, format(us, digits = 6), format(answer, digits = 9), "\n")
version <- paste0("R-", getRversion())

air <- ts(read("air.csv")$y, frequency = 12)
f <- function() for (i in 1:10) arima(air, c(0, 1, 1), list(order = c(0, 1, 1), period = 12), method = "ML")
say("fit_airline", version, least(f) / 10, arima(air, c(0, 1, 1), list(order = c(0, 1, 1), period = 12), method = "ML")$loglik)
y <- read("arima212.csv")$y
f <- function() for (i in 1:10) arima(y, c(2, 1, 2), method = "ML")
say("fit_arima212", version, least(f) / 10, arima(y, c(2, 1, 2), method = "ML")$loglik)
s <- read("sarimax.csv")
f <- function() arima(ts(s$y, frequency = 12), c(1, 0, 1), list(order = c(1, 1, 1), period = 12), xreg = as.matrix(s[, -1]), method = "ML")
say("fit_sarimax", version, least(f, 3), f()$loglik)

if (requireNamespace("sandwich", quietly = TRUE)) {
  for (n in c(300, 100000)) {
    d <- read(sprintf("ols%d.csv", n)); k <- ncol(d)
    g <- function() sandwich::NeweyWest(lm(y ~ ., d), lag = 12, prewhite = FALSE, adjust = FALSE)
    times <- if (n < 1000) 50 else 1  # the clock counts milliseconds
    f <- function() for (i in seq_len(times)) g()
    say(sprintf("ols_newey_west/%d/%d", n, k), paste0(version, "+sandwich"), least(f, 5) / times, sqrt(g()[2, 2]))
  }
}
if (requireNamespace("strucchange", quietly = TRUE)) {
  for (n in c(200, 500, 1000)) {
    d <- read(sprintf("breaks%d.csv", n))
    g <- function() strucchange::breakpoints(y ~ x1 + x2 + x3, data = d, h = 0.15, breaks = 5)
    us <- least(g, if (n > 500) 1 else 2)
    say(sprintf("bai_perron/%d", n), paste0(version, "+strucchange"), us, strucchange:::summary.breakpointsfull(g())$RSS[1, 3])
  }
}
# Classical errors of two-stage least squares over n, as ours are.
if (requireNamespace("AER", quietly = TRUE)) {
  d <- read("iv.csv")
  g <- function() AER::ivreg(y ~ w1 + w2 + w3 + x | w1 + w2 + w3 + z1 + z2 + z3, data = d)
  say("two_stage/100000", paste0(version, "+AER"), least(g, 3), sqrt(vcov(g())["x", "x"] * (nrow(d) - 5) / nrow(d)))
}
# Score covariance without a small-sample factor.
if (requireNamespace("sandwich", quietly = TRUE)) {
  d <- read("poisson.csv")
  g <- function() sandwich::sandwich(glm(y ~ ., quasipoisson, d, epsilon = 1e-10))
  say("poisson/100000/10", paste0(version, "+sandwich"), least(g, 2), sqrt(g()[2, 2]))
}
# Two-way effects, errors clustered by entity: G / (G - 1) (n - 1) / (n - k), k the slopes.
panel_errors <- function(v, d, k) sqrt(v * 10000 / 9999 * (nrow(d) - 1) / (nrow(d) - k))
if (requireNamespace("fixest", quietly = TRUE)) {
  d <- read("panel.csv")
  fixest::setFixest_nthreads(1)
  g <- function() fixest::feols(y ~ x1 + x2 + x3 | entity + period, d, vcov = ~entity)
  v <- vcov(g(), ssc = fixest::ssc(adj = FALSE, cluster.adj = FALSE))[1, 1]
  say("two_way_effects/10000/100/3/0", paste0(version, "+fixest"), least(g, 3), panel_errors(v, d, 3))
} else if (requireNamespace("plm", quietly = TRUE)) {
  d <- read("panel.csv")
  g <- function() {
    fit <- plm::plm(y ~ x1 + x2 + x3, d, index = c("entity", "period"), effect = "twoways", model = "within")
    plm::vcovHC(fit, method = "arellano", type = "HC0", cluster = "group")
  }
  us <- sum(system.time(v <- g())[c("user.self", "sys.self")]) * 1e6
  say("two_way_effects/10000/100/3/0", paste0(version, "+plm"), us, panel_errors(v[1, 1], d, 3))
}
