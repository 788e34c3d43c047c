// #[repository(cache = self.cache, ttl = "5m", level = "strict")]
// impl Products {
//     #[cached(strategy = "read_through", key = "product:<id>", version = <result.revision>, verify = 0.001, l1_max_lag = "500ms")]
//     pub async fn find(&self, id: i64) -> sqlx::Result<Option<Product>> { self.db.load(id).await }
// 
//     #[cached(key = "product:<id>", when = fresh, skip(fresh))]
//     pub async fn find_in(&self, id: i64, tx: &mut CacheTx<'_, Sqlite>, fresh: bool) -> sqlx::Result<Product> { tx.load(id).await }
// 
//     #[cached(strategy = "write_through", key = "product:<id>", on_fence_fail = "reject")]
//     pub async fn reprice(&self, id: i64, tx: &mut CacheTx<'_, Sqlite>) -> sqlx::Result<Product> { tx.reprice(id).await }
// 
//     #[cached(strategy = "write_around", key = "product:<id>", version = <result.revision>)]
//     pub async fn touch(&self, id: i64) -> sqlx::Result<Product> { self.db.touch(id).await }
// 
//     #[cached(strategy = "refresh_ahead", key = "home", verify = 0.01)]
//     pub async fn home(&self) -> sqlx::Result<Vec<i64>> { self.db.home().await }
// 
//     #[invalidates(find(id), on_fence_fail = "reject")]
//     pub async fn delete(&self, id: i64) -> sqlx::Result<()> { self.db.delete(id).await }
// }

impl Products {
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
        let __make = || {
            let __this: Self = ::cache_runtime::__private::copied(self);
            let id = ::core::clone::Clone::clone(&id);
            (
                ::cache_runtime::__private::versioned(
                    __slot,
                    (),
                    move |__value| ::cache_runtime::__private::row_version(
                        &__value.revision,
                    ),
                ),
                async move { Self::__cached_find_body(&__this, id).await },
            )
        };
        if let ::core::option::Option::Some(__hit) = ::cache_runtime::__private::hit_verified(
            __slot,
            __cache,
            __spec,
            &__parts,
            &__make,
        ) {
            return __hit;
        }
        let __again = ::cache_runtime::__private::verifying(__spec, &__make);
        let __key = ::cache_runtime::__private::key(__parts);
        ::cache_runtime::__private::load_verified(
                __slot,
                __cache,
                __spec,
                __key,
                ::cache_runtime::__private::versioned(
                    __slot,
                    (),
                    move |__value| ::cache_runtime::__private::row_version(
                        &__value.revision,
                    ),
                ),
                __again,
                Self::__cached_find_body(self, id),
            )
            .await
    }
    pub async fn find_in(
        &self,
        id: i64,
        tx: &mut CacheTx<'_, Sqlite>,
        fresh: bool,
    ) -> sqlx::Result<Product> {
        let __when = ::cache_runtime::__private::joined(&*tx).is_none()
            && ::cache_runtime::__private::holds(fresh);
        let __spec = Self::__cached_find_in_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<sqlx::Result<Product>>()
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
        if let ::core::option::Option::Some(__hit) = if __when {
            ::cache_runtime::__private::hit(__slot, __cache, __spec, &__parts)
        } else {
            ::core::option::Option::None
        } {
            return __hit;
        }
        let __key = ::cache_runtime::__private::key(__parts);
        ::cache_runtime::__private::load(
                __slot,
                __cache,
                __spec,
                __key,
                ::cache_runtime::__private::terms(
                    __slot,
                    __when,
                    ::cache_runtime::__private::as_declared,
                    ::cache_runtime::__private::always,
                ),
                Self::__cached_find_in_body(self, id, tx, fresh),
            )
            .await
    }
    pub async fn reprice(
        &self,
        id: i64,
        tx: &mut CacheTx<'_, Sqlite>,
    ) -> sqlx::Result<Product> {
        let __spec = Self::__cached_reprice_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<sqlx::Result<Product>>()
                    .result()
                    .error()
                    .option()
                    .shared(),
            )
        };
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "product:");
        ::cache_runtime::__private::part(&mut __key, &id);
        let __effects = ::cache_runtime::__private::Effects::new()
            .within({
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::MaybeTx(&*tx).joined()
            });
        ::cache_runtime::__private::write_through(
                __slot,
                ::cache_runtime::__private::refusal(&__slot),
                __cache,
                __spec,
                __key.finish(),
                (),
                __effects,
                Self::__cached_reprice_body(self, id, tx),
                |_, _: &mut ::cache_runtime::__private::Effects| {},
            )
            .await
    }
    pub async fn touch(&self, id: i64) -> sqlx::Result<Product> {
        let __spec = Self::__cached_touch_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::slot::<sqlx::Result<Product>>()
                .result()
                .error()
                .option()
        };
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __effects = ::cache_runtime::__private::Effects::new();
        {
            let mut __key = ::cache_runtime::__private::KeyBuilder::new();
            ::cache_runtime::__private::text(&mut __key, "product:");
            ::cache_runtime::__private::part(&mut __key, &id);
            __effects.push_own(::cache_runtime::__private::own_key(__spec, __key));
        }
        ::cache_runtime::__private::invalidating(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                __effects,
                Self::__cached_touch_body(self, id),
                {
                    move |__result, __effects: &mut ::cache_runtime::__private::Effects| {
                        __effects
                            .own_version(
                                ::cache_runtime::__private::row_version(&__result.revision),
                            );
                    }
                },
            )
            .await
    }
    pub async fn home(&self) -> sqlx::Result<Vec<i64>> {
        let __spec = Self::__cached_home_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<sqlx::Result<Vec<i64>>>()
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
            ::cache_runtime::__private::text(__key, "home");
        };
        let __make = || {
            let __this: Self = ::cache_runtime::__private::copied(self);
            ((), async move { Self::__cached_home_body(&__this).await })
        };
        if let ::core::option::Option::Some(__hit) = ::cache_runtime::__private::hit_refreshing(
            __slot,
            __cache,
            __spec,
            &__parts,
            &__make,
        ) {
            return __hit;
        }
        let __refresh = __make();
        let __again = ::cache_runtime::__private::verifying(__spec, &__make);
        let __key = ::cache_runtime::__private::key(__parts);
        ::cache_runtime::__private::load_refreshing_verified(
                __slot,
                __cache,
                __spec,
                __key,
                (),
                __refresh,
                __again,
                Self::__cached_home_body(self),
            )
            .await
    }
    pub async fn delete(&self, id: i64) -> sqlx::Result<()> {
        let __spec = Self::__cached_delete_spec();
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
        #[allow(clippy::needless_borrows_for_generic_args)]
        __effects.push(Self::__cached_find_edge1(&(id)));
        ::cache_runtime::__private::invalidating(
                __slot,
                ::cache_runtime::__private::refusal(&__slot),
                __cache,
                __spec,
                __effects,
                Self::__cached_delete_body(self, id),
                |_, _: &mut ::cache_runtime::__private::Effects| {},
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
            .l1_max_lag_ms(500)
            .verify_ppm(1000)
            .level(::cache_runtime::__private::Level::Strict)
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
                ::cache_runtime::__private::versioned(
                    __slot,
                    (),
                    move |__value| {
                        ::cache_runtime::__private::Again(&__value.revision)
                            .row_version()
                    },
                ),
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
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_find_in_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::find_in",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::CacheAside,
                "product:<id>",
            )
            .ttl_ms(300000)
            .level(::cache_runtime::__private::Level::Strict)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<Product>>()
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
    async fn __cached_find_in_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
        tx: &mut CacheTx<'_, Sqlite>,
        #[allow(unused_variables)]
        fresh: bool,
    ) -> sqlx::Result<Product> {
        tx.load(id).await
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
    pub fn __cached_find_in_edge1(
        id: impl ::cache_runtime::__private::EdgeArg<i64>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "product:");
        ::cache_runtime::__private::edge_part::<i64, _>(&mut __key, &id);
        ::cache_runtime::__private::Edge::key(Self::__cached_find_in_spec(), __key)
    }
    /// The arguments of [`find_in`](Self::find_in) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn find_in_args(key: &::core::primitive::str) -> ::core::option::Option<(i64,)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_find_in_spec(),
            key,
        )?;
        let id = ::cache_runtime::__private::Again(::core::marker::PhantomData::<i64>)
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((id,))
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_reprice_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::reprice",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteThrough,
                "product:<id>",
            )
            .ttl_ms(300000)
            .level(::cache_runtime::__private::Level::Strict)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<Product>>()
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
    async fn __cached_reprice_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
        tx: &mut CacheTx<'_, Sqlite>,
    ) -> sqlx::Result<Product> {
        tx.reprice(id).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_touch_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::touch",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteAround,
                "product:<id>",
            )
            .level(::cache_runtime::__private::Level::Strict)
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
    async fn __cached_touch_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
    ) -> sqlx::Result<Product> {
        self.db.touch(id).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_home_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::home",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::RefreshAhead,
                "home",
            )
            .ttl_ms(300000)
            .verify_ppm(10000)
            .refresh_at_permille(800)
            .level(::cache_runtime::__private::Level::Strict)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<Vec<i64>>>()
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
    async fn __cached_home_body(&self) -> sqlx::Result<Vec<i64>> {
        self.db.home().await
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
    pub fn __cached_home_edge0() -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "home");
        ::cache_runtime::__private::Edge::key(Self::__cached_home_spec(), __key)
    }
    /// The cache entry behind [`home`](Self::home): look at it, store into it, or drop it.
    #[allow(
        dead_code,
        private_interfaces,
        private_bounds,
        clippy::all,
        clippy::pedantic,
        clippy::nursery
    )]
    pub fn home_entry(&self) -> ::cache_runtime::Entry<'_, sqlx::Result<Vec<i64>>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_home_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "home");
        let __slot = ::cache_runtime::__private::slot::<sqlx::Result<Vec<i64>>>()
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
                async move { Self::__cached_home_body(self).await },
            )
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_delete_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::invalidates(
                "Products::delete",
                ::core::module_path!(),
            )
            .level(::cache_runtime::__private::Level::Strict)
            .edges(&[::cache_runtime::__private::SpecEdge::key("find", "id")])
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
    async fn __cached_delete_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
    ) -> sqlx::Result<()> {
        self.db.delete(id).await
    }
}
::cache_runtime::__private::submit! {
    ::cache_runtime::__private::Specs(& [< Products > ::__cached_find_spec, < Products >
    ::__cached_find_in_spec, < Products > ::__cached_reprice_spec, < Products >
    ::__cached_touch_spec, < Products > ::__cached_home_spec, < Products >
    ::__cached_delete_spec])
}
