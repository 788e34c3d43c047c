// #[repository(cache = self.cache, ttl = "5m")]
// impl Products {
//     /// Finds a product.
//     #[cached(strategy = "read_through", key = "product:<id>", negative_ttl = 30)]
//     pub async fn find(&self, id: i64) -> sqlx::Result<Option<Product>> { self.db.load(id).await }
// }

impl Products {
    /// Finds a product.
    pub async fn find(&self, id: i64) -> sqlx::Result<Option<Product>> {
        let __spec = Self::__cached_find_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<sqlx::Result<Option<Product>>>()
                    .result()
                    .error()
                    .option()
                    .shared(),
            )
        };
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let __parts = |__key: &mut ::cache_runtime::__private::KeyBuilder| {
            ::cache_runtime::__private::text(__key, "product:");
            ::cache_runtime::__private::part(__key, &id);
        };
        if let ::core::option::Option::Some(__hit) = ::cache_runtime::__private::hit(
            __slot,
            __cache,
            __spec,
            &__parts,
        ) {
            return __hit;
        }
        let __key = ::cache_runtime::__private::key(__parts);
        ::cache_runtime::__private::load(
                __slot,
                __cache,
                __spec,
                __key,
                (),
                Self::__cached_find_body(self, id),
            )
            .await
    }
}
impl Products {
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_find_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::find",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::ReadThrough,
                "product:<id>",
            )
            .ttl_ms(300000)
            .negative_ttl_ms(30000)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<Option<Product>>>()
                    .result()
                    .error()
                    .option()
                    .shared()
                    .value_type(__schema)
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
    async fn __cached_find_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
    ) -> sqlx::Result<Option<Product>> {
        self.db.load(id).await
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
    pub fn __cached_find_edge1(
        id: impl ::cache_runtime::__private::EdgeArg<i64>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "product:");
        ::cache_runtime::__private::edge_part::<i64, _>(&mut __key, &id);
        ::cache_runtime::__private::Edge::key(Self::__cached_find_spec(), __key)
    }
    /// The cache entry behind [`find`](Self::find): look at it, store into it, or drop it.
    #[allow(
        dead_code,
        private_interfaces,
        private_bounds,
        clippy::all,
        clippy::pedantic,
        clippy::nursery
    )]
    pub fn find_entry(
        &self,
        id: i64,
    ) -> ::cache_runtime::Entry<'_, sqlx::Result<Option<Product>>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_find_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "product:");
        ::cache_runtime::__private::Again(&id).part(&mut __key);
        let __slot = ::cache_runtime::__private::slot::<sqlx::Result<Option<Product>>>()
            .result()
            .error()
            .option()
            .shared();
        __slot
            .entry(
                __cache,
                __spec,
                __key.finish(),
                (),
                async move { Self::__cached_find_body(self, id).await },
            )
    }
    /// The arguments of [`find`](Self::find) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn find_args(key: &::core::primitive::str) -> ::core::option::Option<(i64,)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_find_spec(),
            key,
        )?;
        let id = ::cache_runtime::__private::Again(::core::marker::PhantomData::<i64>)
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((id,))
    }
}
::cache_runtime::__private::submit! {
    ::cache_runtime::__private::Specs(& [< Products > ::__cached_find_spec])
}
