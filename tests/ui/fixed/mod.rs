//! Every mistake, mended: this list is made by `catalogue.rs`.

mod conditions {
    mod before_is_a_parameter;
    mod before_not_given;
    mod before_of_another_type;
    mod before_of_many;
    mod before_on_a_reader;
    mod before_uses_result;
    mod before_without_an_edge;
    mod before_without_self;
    mod before_without_value;
    mod ttl_arithmetic;
    mod ttl_closure_not_a_duration;
    mod ttl_closure_of_nothing;
    mod ttl_not_a_duration;
    mod ttl_of_the_repository_from_a_value;
    mod ttl_of_the_repository_uses_self;
    mod ttl_uses_self;
    mod unless_not_a_closure;
    mod unless_not_a_condition;
    mod unless_of_two;
    mod unless_on_write_around;
    mod unless_on_write_behind;
    mod unless_uses_self;
    mod unless_without_value;
    mod when_closure;
    mod when_literal;
    mod when_not_a_condition;
    mod when_of_one_element;
    mod when_on_a_writer;
    mod when_uses_result;
    mod when_uses_self;
    mod when_without_value;
}

mod each {
    mod collection_beside_its_element;
    mod collection_in_the_key;
    mod collections_as_elements;
    mod float_elements;
    mod forgotten;
    mod item_is_a_parameter;
    mod item_is_a_parameter_in_edges;
    mod item_not_in_key;
    mod malformed;
    mod map_of_borrowed_elements;
    mod map_of_other_elements;
    mod no_parameters;
    mod not_a_collection;
    mod on_refresh_ahead;
    mod returns_a_vec;
    mod returns_one_value;
    mod set_as_a_collection;
    mod unknown_collection;
    mod unknown_collection_far;
    mod unused_beside_a_reader;
    mod unused_in_edges;
    mod value_with_each;
    mod without_parentheses;
    mod writer_of_other_elements;
}

mod edges {
    mod argument_is_an_unknown_name;
    mod argument_of_another_type;
    mod argument_of_another_type_elsewhere;
    mod empty_option;
    mod field_of_the_result_unknown;
    mod group_does_not_lead;
    mod group_nobody_named_elsewhere;
    mod group_of_a_reader_that_uses_self;
    mod group_of_a_single_entry;
    mod group_without_repository;
    mod missing_comma;
    mod no_readers_here;
    mod none;
    mod not_an_edge;
    mod reader_elsewhere_is_scoped;
    mod reader_elsewhere_uses_self;
    mod reader_uses_self;
    mod rest_not_last;
    mod rest_of_nothing;
    mod rest_of_one_entry;
    mod result_before_the_database;
    mod result_is_a_parameter;
    mod same_impl_without_repository;
    mod the_whole_result_is_no_key_part;
    mod to_a_function_that_is_not_cached;
    mod to_a_writer;
    mod to_a_writer_without_readers;
    mod to_an_entry_dropped_anyway;
    mod to_its_own_entry;
    mod too_few_arguments;
    mod too_many_arguments;
    mod unknown_reader;
    mod unknown_reader_elsewhere;
    mod unknown_reader_far;
    mod without_arguments;
    mod wrong_number_of_arguments_elsewhere;
    mod wrong_number_of_arguments_of_a_function;
}

mod key {
    mod bare_less_than;
    mod brace_between;
    mod braces_close_behind_the_group;
    mod braces_outlast_the_group;
    mod collection_takes_no_part;
    mod dash_between;
    mod empty;
    mod empty_brace_group;
    mod field_of_a_field_is_empty;
    mod group_not_in_key;
    mod group_not_in_key_far;
    mod group_not_leading;
    mod group_of_everything;
    mod letter_between;
    mod method_call_in_a_placeholder;
    mod missing;
    mod misspelt_field_of_a_parameter;
    mod misspelt_field_of_self;
    mod nameless_placeholder;
    mod no_value;
    mod not_a_text;
    mod nothing_between;
    mod number_instead_of_a_text;
    mod parameter_takes_no_part;
    mod placeholder_is_an_expression;
    mod reference_takes_no_part;
    mod result_in_a_reader;
    mod result_in_write_through;
    mod self_in_a_free_function;
    mod self_of_an_associated_function;
    mod self_without_field;
    mod self_without_receiver;
    mod skip_misspelt;
    mod skip_of_a_key_parameter;
    mod skip_of_an_expression;
    mod skip_of_no_parameter;
    mod skip_of_nothing;
    mod skip_of_one_too_many;
    mod skip_twice;
    mod stray_brace;
    mod stray_end;
    mod two_brace_groups;
    mod unclosed_brace;
    mod unclosed_brace_around_a_part;
    mod unclosed_placeholder;
    mod unknown_placeholder;
    mod unknown_placeholder_far;
    mod unknown_placeholder_of_one;
    mod unknown_placeholder_without_parameters;
}

mod options {
    mod batch_on_a_reader;
    mod cache_without_value;
    mod crate_not_a_path;
    mod given_twice;
    mod invalidates_on_a_reader;
    mod jitter_out_of_range;
    mod literal_instead_of_option;
    mod missing_comma;
    mod negative_ttl_on_a_writer;
    mod refresh_at_out_of_range;
    mod refresh_at_without_refresh_ahead;
    mod skip_without_parentheses;
    mod strategy_misspelt;
    mod strategy_not_a_text;
    mod strategy_unknown;
    mod timeout_with_each;
    mod unknown;
    mod unknown_far;
    mod unknown_for_invalidates;
    mod unknown_for_repository;
    mod value_on_a_reader;
}

mod signature {
    mod body_is_not_send;
    mod boxed_future;
    mod cache_of_no_self;
    mod extern_function;
    mod impl_trait_return;
    mod mistake_in_a_body;
    mod mutable_receiver;
    mod no_body;
    mod no_cache;
    mod not_async;
    mod on_a_module;
    mod on_a_struct;
    mod on_an_impl;
    mod own_cache_of_no_self;
    mod owned_receiver;
    mod pattern;
    mod returns_an_iterator;
    mod returns_nothing;
    mod returns_nothing_but_errors;
    mod self_by_box;
    mod tuple_pattern_of_a_key_part;
    mod unsafe_function;
    mod wildcard;
}

mod strategy {
    mod batch_takes_too_much;
    mod batch_unknown;
    mod batch_without_database;
    mod body_and_batch;
    mod group_alone;
    mod neither_body_nor_batch;
    mod nothing_to_store;
    mod refresh_ahead_alone;
    mod refresh_ahead_borrows;
    mod repository_not_clone;
    mod timeout_without_an_error_for_it;
    mod write_behind_alone;
    mod write_behind_borrows;
    mod write_behind_returns_a_value;
    mod write_behind_returns_nothing;
    mod write_behind_takes_impl_trait;
    mod write_behind_without_self;
    mod write_behind_without_value;
}

mod ttl {
    mod empty;
    mod fraction;
    mod fraction_of_an_hour;
    mod iso_duration;
    mod jitter_of_forever;
    mod missing;
    mod missing_in_a_repository;
    mod month;
    mod negative;
    mod negative_ttl_forever;
    mod negative_ttl_with_a_suffix;
    mod negative_ttl_zero;
    mod not_a_duration;
    mod on_write_around;
    mod overflow;
    mod overflow_text;
    mod refresh_of_forever;
    mod stale_if_error_computed;
    mod stale_if_error_forever;
    mod stale_if_error_zero;
    mod suffix;
    mod timeout_forever;
    mod timeout_negative;
    mod unknown_unit;
    mod unknown_unit_week;
    mod without_number;
    mod without_unit;
    mod zero;
    mod zero_text;
}

mod types {
    mod batch_of_no_map;
    mod cache_in_key;
    mod cache_is_not_a_cache;
    mod derive_on_a_float;
    mod derive_on_a_union;
    mod derive_on_a_variant_with_fields;
    mod derive_on_an_empty_enum;
    mod derive_on_nothing;
    mod float_in_key;
    mod no_cache_on_self;
    mod not_a_key_part;
    mod slice_in_key;
    mod value_not_clone;
    mod value_not_serializable;
    mod value_not_serializable_in_a_repository;
    mod vec_in_key;
}
