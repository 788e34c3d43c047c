//! Every mistake, mended: this list is made by `catalogue.rs`.

mod each {
    mod float_elements;
    mod item_is_a_parameter;
    mod item_not_in_key;
    mod malformed;
    mod not_a_collection;
    mod on_refresh_ahead;
    mod returns_a_vec;
    mod unknown_collection;
    mod unused_in_edges;
    mod value_with_each;
    mod without_parentheses;
}

mod key {
    mod brace_between;
    mod braces_outlast_the_group;
    mod dash_between;
    mod empty;
    mod empty_brace_group;
    mod group_not_in_key;
    mod group_not_leading;
    mod group_of_everything;
    mod missing;
    mod nameless_placeholder;
    mod no_value;
    mod not_a_text;
    mod nothing_between;
    mod parameter_takes_no_part;
    mod placeholder_is_an_expression;
    mod result_in_a_reader;
    mod result_in_write_through;
    mod self_without_field;
    mod self_without_receiver;
    mod skip_of_a_key_parameter;
    mod skip_of_an_expression;
    mod skip_of_no_parameter;
    mod skip_of_nothing;
    mod skip_twice;
    mod stray_brace;
    mod stray_end;
    mod two_brace_groups;
    mod unclosed_brace;
    mod unclosed_placeholder;
    mod unknown_placeholder;
    mod unknown_placeholder_far;
    mod unknown_placeholder_without_parameters;
}

mod signature {
    mod boxed_future;
    mod cache_of_no_self;
    mod extern_function;
    mod impl_trait_return;
    mod mistake_in_a_body;
    mod mutable_receiver;
    mod no_body;
    mod no_cache;
    mod not_async;
    mod on_a_struct;
    mod owned_receiver;
    mod pattern;
    mod returns_nothing;
    mod returns_nothing_but_errors;
    mod unsafe_function;
    mod wildcard;
}

mod ttl {
    mod empty;
    mod fraction;
    mod jitter_of_forever;
    mod missing;
    mod missing_in_a_repository;
    mod negative;
    mod negative_ttl_zero;
    mod not_a_duration;
    mod on_write_around;
    mod overflow;
    mod overflow_text;
    mod refresh_of_forever;
    mod suffix;
    mod timeout_forever;
    mod unknown_unit;
    mod without_number;
    mod without_unit;
    mod zero;
    mod zero_text;
}
