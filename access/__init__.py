"""Who may watch: playback cookies, and the serving of media behind them."""
