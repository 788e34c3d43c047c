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
    mod unless_of_the_whole_result;
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

mod options {
    mod batch_not_a_path;
    mod batch_on_a_reader;
    mod cache_without_value;
    mod colon_instead_of_equals;
    mod crate_not_a_path;
    mod db_on_a_function;
    mod edges_as_a_text;
    mod given_twice;
    mod given_twice_for_a_repository;
    mod group_on_a_writer;
    mod invalidates_on_a_reader;
    mod jitter_as_a_text;
    mod jitter_of_zero;
    mod jitter_out_of_range;
    mod literal_instead_of_option;
    mod missing_comma;
    mod negative_ttl_on_a_writer;
    mod refresh_at_out_of_range;
    mod refresh_at_without_refresh_ahead;
    mod schema_for_invalidates;
    mod schema_negative;
    mod schema_not_a_number;
    mod schema_of_a_repository_not_a_number;
    mod schema_on_write_around;
    mod schema_too_large;
    mod schema_twice;
    mod semicolon_instead_of_comma;
    mod skip_on_a_writer;
    mod skip_without_parentheses;
    mod stale_if_error_on_a_writer;
    mod strategy_in_capitals;
    mod strategy_misspelt;
    mod strategy_not_a_text;
    mod strategy_unknown;
    mod strategy_with_a_dash;
    mod timeout_on_refresh_ahead;
    mod timeout_with_each;
    mod unknown;
    mod unknown_far;
    mod unknown_for_invalidates;
    mod unknown_for_repository;
    mod value_on_a_reader;
}

mod repository {
    mod braces_differ;
    mod cache_twice;
    mod cached_twice;
    mod cached_without_arguments;
    mod function_without_attribute;
    mod half_typed_body;
    mod list_under_the_key_of_its_element;
    mod literal_instead_of_option;
    mod mistake_beside_its_callers;
    mod mistake_in_a_body;
    mod on_a_function;
    mod on_a_struct;
    mod on_a_trait;
    mod schemas_differ;
    mod scope_of_no_field;
    mod scope_without_brackets;
    mod scope_without_self;
    mod scope_without_self_in_an_edge;
    mod scope_without_value;
    mod scoped_templates_meet;
    mod strict_with_a_value;
    mod templates_meet;
    mod templates_meet_in_a_number;
    mod templates_meet_in_a_writer;
    mod templates_meet_in_their_parts;
    mod templates_meet_whatever_leads;
    mod three_value_types;
    mod ttl_broken;
    mod two_attributes;
    mod two_of_one_name;
    mod two_value_types;
    mod uncached_alone;
    mod uncached_and_cached;
    mod uncached_twice;
    mod uncached_with_arguments;
    mod writer_beside_write_behind;
    mod writer_of_a_key_far_from_all;
    mod writer_of_an_unread_key;
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

mod strategy {
    mod batch_of_a_type_elsewhere;
    mod batch_of_another_type;
    mod batch_of_one;
    mod batch_takes_too_much;
    mod batch_unknown;
    mod batch_unknown_far;
    mod batch_without_database;
    mod body_and_batch;
    mod db_without_its_feature;
    mod error_without_from;
    mod group_alone;
    mod neither_body_nor_batch;
    mod nothing_to_store;
    mod refresh_ahead_alone;
    mod refresh_ahead_borrows;
    mod repository_not_clone;
    mod timeout_without_an_error_for_it;
    mod write_around_returns_the_value_it_names;
    mod write_behind_alone;
    mod write_behind_borrows;
    mod write_behind_returns_a_value;
    mod write_behind_returns_nothing;
    mod write_behind_takes_a_mutable_reference;
    mod write_behind_takes_impl_trait;
    mod write_behind_without_self;
    mod write_behind_without_value;
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

mod types {
    mod array_in_key;
    mod batch_of_no_map;
    mod cache_in_key;
    mod cache_is_not_a_cache;
    mod derive_on_a_float;
    mod derive_on_a_union;
    mod derive_on_a_variant_with_fields;
    mod derive_on_an_empty_enum;
    mod derive_on_nothing;
    mod elements_that_are_no_key_parts;
    mod float_behind_a_reference;
    mod float_in_key;
    mod hash_map_in_key;
    mod key_part_of_a_vec_inside_an_option;
    mod key_part_option_twice;
    mod key_part_without_options;
    mod literal_instead_of_key_part_option;
    mod map_with_values_that_are_not_serializable;
    mod no_cache_on_self;
    mod not_a_key_part;
    mod result_borrows_from_self;
    mod sensitive_with_a_value;
    mod slice_in_key;
    mod unknown_option_of_key_part;
    mod value_borrows;
    mod value_borrows_for_ever;
    mod value_not_clone;
    mod value_not_send;
    mod value_not_serializable;
    mod value_not_serializable_in_a_repository;
    mod vec_in_key;
}
