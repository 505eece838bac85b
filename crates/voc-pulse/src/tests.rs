//! Reports from facts to pages.

mod counting;
mod facts;
mod pages;
mod story;
