//! What all benchmarks share: the value, the keys, interleaved rounds, and Markdown tables.
//!
//! Every figure is a median of several rounds. In a round all contenders run one after the other, in an order that
//! changes from round to round, each right before or after the base that it is divided by: on a machine that others
//! use too, that ratio is the figure to trust.

mod foreign;
mod keys;
mod options;
mod processor;
mod rounds;
mod stats;
mod table;
mod value;

pub use foreign::{Foreign, children_time};
pub use keys::{Mix, Zipf};
pub use options::Options;
pub use processor::{process_time, thread_time};
pub use rounds::{Turn, interleave};
pub use stats::{Samples, median, quantile};
pub use table::{Table, figure};
pub use value::{LoadError, Product};
