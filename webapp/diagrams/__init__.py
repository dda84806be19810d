"""The state of running processes on their drawings, for whoever may see the business behind them."""
