"""Where people meet Parley: one module or package for each platform. They render and decide nothing."""
