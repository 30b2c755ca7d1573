"""Recording a run while it trains, and going back to any of its minibatches."""
