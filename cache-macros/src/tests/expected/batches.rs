// #[repository(cache = self.cache, ttl = "5m")]
// impl Products {
//     #[cached(strategy = "read_through", key = "product:<lang>:<id>", each(id in ids))]
//     pub async fn find_many(&self, ids: &[i64], lang: String) -> sqlx::Result<HashMap<i64, Product>> { self.db.many(ids, lang).await }
// 
//     #[cached(strategy = "write_through", key = "stock:<id>", each(id in ids))]
//     pub async fn restock(&self, ids: Vec<i64>) -> sqlx::Result<HashMap<i64, u32>> { self.db.restock(ids).await }
// 
//     #[invalidates(find_many(id, lang), each(id in ids))]
//     pub async fn delete_many(&self, ids: &[i64], lang: String) -> sqlx::Result<()> { self.db.delete(ids).await }
// }

impl Products {
    pub async fn find_many(
        &self,
        ids: &[i64],
        lang: String,
    ) -> sqlx::Result<HashMap<i64, Product>> {
        let __spec = Self::__cached_find_many_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable_each(
                ::cache_runtime::__private::slot::<sqlx::Result<HashMap<i64, Product>>>()
                    .result()
                    .error()
                    .map()
                    .shared(),
            )
        };
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        ::cache_runtime::__private::load_each::<
            _,
            i64,
            _,
            _,
            _,
        >(
                __slot,
                __cache,
                __spec,
                ::cache_runtime::__private::ids(&ids),
                {
                    let __kept_lang = ::core::clone::Clone::clone(&lang);
                    let lang = __kept_lang;
                    move |__key: &mut ::cache_runtime::__private::KeyBuilder, id: &i64| {
                        ::cache_runtime::__private::text(__key, "product:");
                        ::cache_runtime::__private::part(__key, &lang);
                        ::cache_runtime::__private::text(__key, ":");
                        ::cache_runtime::__private::part(__key, &id);
                    }
                },
                (),
                move |__missing: ::std::vec::Vec<i64>| {
                    let lang = ::core::clone::Clone::clone(&lang);
                    async move {
                        Self::__cached_find_many_body(self, &__missing, lang).await
                    }
                },
            )
            .await
    }
    pub async fn restock(&self, ids: Vec<i64>) -> sqlx::Result<HashMap<i64, u32>> {
        let __spec = Self::__cached_restock_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable_each(
                ::cache_runtime::__private::slot::<sqlx::Result<HashMap<i64, u32>>>()
                    .result()
                    .error()
                    .map()
                    .shared(),
            )
        };
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let __effects = ::cache_runtime::__private::Effects::new();
        ::cache_runtime::__private::write_each::<
            _,
            i64,
            _,
            _,
            _,
        >(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                {
                    move |__key: &mut ::cache_runtime::__private::KeyBuilder, id: &i64| {
                        ::cache_runtime::__private::text(__key, "stock:");
                        ::cache_runtime::__private::part(__key, &id);
                    }
                },
                ::cache_runtime::__private::ids(&ids),
                (),
                __effects,
                Self::__cached_restock_body(self, ids),
                |_, _: &mut ::cache_runtime::__private::Effects| {},
            )
            .await
    }
    pub async fn delete_many(&self, ids: &[i64], lang: String) -> sqlx::Result<()> {
        let __spec = Self::__cached_delete_many_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::slot::<sqlx::Result<()>>()
                .result()
                .error()
                .option()
        };
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __effects = ::cache_runtime::__private::Effects::new();
        for id in &::cache_runtime::__private::ids(&ids) {
            #[allow(clippy::needless_borrows_for_generic_args)]
            __effects.push(Self::__cached_find_many_edge2(&(id), &(lang)));
        }
        ::cache_runtime::__private::invalidating(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                __effects,
                Self::__cached_delete_many_body(self, ids, lang),
                |_, _: &mut ::cache_runtime::__private::Effects| {},
            )
            .await
    }
}
impl Products {
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_find_many_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::find_many",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::ReadThrough,
                "product:<lang>:<id>",
            )
            .ttl_ms(300000)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<HashMap<i64, Product>>>()
                    .result()
                    .error()
                    .map()
                    .shared()
                    .value_type_each(__schema)
            })
            .conflicts_panic(::core::cfg!(test));
        &__SPEC
    }
    #[doc(hidden)]
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::needless_pass_by_value,
        clippy::trivially_copy_pass_by_ref
    )]
    #[allow(
        clippy::too_many_arguments,
        clippy::type_complexity,
        clippy::option_option,
        clippy::similar_names
    )]
    #[allow(
        clippy::fn_params_excessive_bools,
        clippy::large_types_passed_by_value,
        clippy::ref_option,
        clippy::ptr_arg
    )]
    #[allow(
        clippy::unnecessary_wraps,
        clippy::needless_lifetimes,
        clippy::impl_trait_in_params,
        clippy::future_not_send
    )]
    #[allow(
        clippy::redundant_allocation,
        clippy::rc_buffer,
        clippy::box_collection,
        clippy::vec_box,
        clippy::needless_pass_by_ref_mut
    )]
    async fn __cached_find_many_body(
        &self,
        #[allow(unused_variables)]
        ids: &[i64],
        #[allow(unused_variables)]
        lang: String,
    ) -> sqlx::Result<HashMap<i64, Product>> {
        self.db.many(ids, lang).await
    }
    #[doc(hidden)]
    #[allow(
        dead_code,
        private_interfaces,
        private_bounds,
        clippy::all,
        clippy::pedantic,
        clippy::nursery
    )]
    pub fn __cached_find_many_edge2(
        id: impl ::cache_runtime::__private::EdgeArg<i64>,
        lang: impl ::cache_runtime::__private::EdgeArg<String>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "product:");
        ::cache_runtime::__private::edge_part::<String, _>(&mut __key, &lang);
        ::cache_runtime::__private::text(&mut __key, ":");
        ::cache_runtime::__private::edge_part::<i64, _>(&mut __key, &id);
        ::cache_runtime::__private::Edge::key(Self::__cached_find_many_spec(), __key)
    }
    /// The arguments of [`find_many`](Self::find_many) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn find_many_args(
        key: &::core::primitive::str,
    ) -> ::core::option::Option<(i64, String)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_find_many_spec(),
            key,
        )?;
        let lang = ::cache_runtime::__private::Again(
                ::core::marker::PhantomData::<String>,
            )
            .parsed(&mut __parts)?;
        let id = ::cache_runtime::__private::Again(::core::marker::PhantomData::<i64>)
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((id, lang))
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_restock_spec() -> &'static ::cache_runtime::__private::Spec {
        const _: () = {
            #[deprecated(
                note = "no reader of this `impl` block uses the key `stock:<id>` that `restock` writes\nhelp: give it the key of a reader\nhelp: if the reader is in another block, name it in `invalidates(..)`; if this is right, put `#[allow(deprecated)]` on `restock`"
            )]
            const __NO_READER_USES_THIS_KEY: () = ();
            __NO_READER_USES_THIS_KEY
        };
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::restock",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteThrough,
                "stock:<id>",
            )
            .ttl_ms(300000)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<HashMap<i64, u32>>>()
                    .result()
                    .error()
                    .map()
                    .shared()
                    .value_type_each(__schema)
            })
            .conflicts_panic(::core::cfg!(test));
        &__SPEC
    }
    #[doc(hidden)]
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::needless_pass_by_value,
        clippy::trivially_copy_pass_by_ref
    )]
    #[allow(
        clippy::too_many_arguments,
        clippy::type_complexity,
        clippy::option_option,
        clippy::similar_names
    )]
    #[allow(
        clippy::fn_params_excessive_bools,
        clippy::large_types_passed_by_value,
        clippy::ref_option,
        clippy::ptr_arg
    )]
    #[allow(
        clippy::unnecessary_wraps,
        clippy::needless_lifetimes,
        clippy::impl_trait_in_params,
        clippy::future_not_send
    )]
    #[allow(
        clippy::redundant_allocation,
        clippy::rc_buffer,
        clippy::box_collection,
        clippy::vec_box,
        clippy::needless_pass_by_ref_mut
    )]
    async fn __cached_restock_body(
        &self,
        #[allow(unused_variables)]
        ids: Vec<i64>,
    ) -> sqlx::Result<HashMap<i64, u32>> {
        self.db.restock(ids).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_delete_many_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::invalidates(
                "Products::delete_many",
                ::core::module_path!(),
            )
            .edges(&[::cache_runtime::__private::SpecEdge::key("find_many", "id, lang")])
            .conflicts_panic(::core::cfg!(test));
        &__SPEC
    }
    #[doc(hidden)]
    #[allow(
        clippy::unused_async,
        clippy::unused_self,
        clippy::needless_pass_by_value,
        clippy::trivially_copy_pass_by_ref
    )]
    #[allow(
        clippy::too_many_arguments,
        clippy::type_complexity,
        clippy::option_option,
        clippy::similar_names
    )]
    #[allow(
        clippy::fn_params_excessive_bools,
        clippy::large_types_passed_by_value,
        clippy::ref_option,
        clippy::ptr_arg
    )]
    #[allow(
        clippy::unnecessary_wraps,
        clippy::needless_lifetimes,
        clippy::impl_trait_in_params,
        clippy::future_not_send
    )]
    #[allow(
        clippy::redundant_allocation,
        clippy::rc_buffer,
        clippy::box_collection,
        clippy::vec_box,
        clippy::needless_pass_by_ref_mut
    )]
    async fn __cached_delete_many_body(
        &self,
        #[allow(unused_variables)]
        ids: &[i64],
        #[allow(unused_variables)]
        lang: String,
    ) -> sqlx::Result<()> {
        self.db.delete(ids).await
    }
}
::cache_runtime::__private::submit! {
    ::cache_runtime::__private::Specs(& [< Products > ::__cached_find_many_spec, <
    Products > ::__cached_restock_spec, < Products > ::__cached_delete_many_spec])
}
