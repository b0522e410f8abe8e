# statsmodels' answers and least times: task, program, microseconds, answer.
import sys, time, warnings
import numpy as np, pandas as pd, statsmodels, statsmodels.api as sm
from statsmodels.tsa.statespace.sarimax import SARIMAX
warnings.filterwarnings("ignore")
work, program = sys.argv[1], "statsmodels-" + statsmodels.__version__

def read(name):
    return pd.read_csv(f"{work}/{name}")

def least(f, runs=3):
    best = float("inf")
    for _ in range(runs):
        t = time.process_time(); f(); best = min(best, time.process_time() - t)
    return best * 1e6

def say(task, us, answer):
    print(task, program, "%.6g" % us, "%.9g" % answer)

y = read("air.csv").y.values
f = lambda: SARIMAX(y, order=(0, 1, 1), seasonal_order=(0, 1, 1, 12), simple_differencing=True).fit(disp=0)
say("fit_airline", least(f), f().llf)
y = read("arima212.csv").y.values
f = lambda: SARIMAX(y, order=(2, 1, 2), simple_differencing=True).fit(disp=0)
say("fit_arima212", least(f), f().llf)
s = read("sarimax.csv")
f = lambda: SARIMAX(s.y.values, exog=s.iloc[:, 1:].values, order=(1, 0, 1), seasonal_order=(1, 1, 1, 12), simple_differencing=True).fit(disp=0)
say("fit_sarimax", least(f, 1), f().llf)
for n in (300, 100000):
    d = read(f"ols{n}.csv"); x = sm.add_constant(d.iloc[:, 1:].values)
    g = lambda: sm.OLS(d.y.values, x).fit(cov_type="HAC", cov_kwds={"maxlags": 12, "use_correction": False})
    say(f"ols_newey_west/{n}/{x.shape[1]}", least(g), g().bse[1])
d = read("poisson.csv"); x = sm.add_constant(d.iloc[:, 1:].values)
g = lambda: sm.GLM(d.y.values, x, family=sm.families.Poisson()).fit(cov_type="HC0", tol=1e-10)
say("poisson/100000/10", least(g), g().bse[1])
