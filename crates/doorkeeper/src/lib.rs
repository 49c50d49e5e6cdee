//! doorkeeper
