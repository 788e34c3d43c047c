// #[repository(cache = self.cache, db = self.db, ttl = "5m")]
// impl Shop {
//     #[cached(strategy = "refresh_ahead", key = "home:<lang>", ttl = 60, refresh_at = 0.9)]
//     pub async fn home(&self, lang: &str) -> sqlx::Result<Arc<Vec<Product>>> { self.db.home(lang).await }
// 
//     #[cached(strategy = "write_behind", key = "session:<s.id>", value = s, ttl = "1h", batch = Self::save_sessions)]
//     pub async fn touch(&self, s: Session) -> sqlx::Result<()>;
// 
//     async fn save_sessions(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Session]) -> sqlx::Result<()> { tx.save(batch).await }
// 
//     #[cached(strategy = "write_behind", key = "views:<id>", value = count, unordered)]
//     pub async fn count(&self, id: &str, count: u64) -> sqlx::Result<()> { self.db.count(id, count).await }
// }

impl Shop {
    pub async fn home(&self, lang: &str) -> sqlx::Result<Arc<Vec<Product>>> {
        let __spec = Self::__cached_home_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<sqlx::Result<Arc<Vec<Product>>>>()
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
            ::cache_runtime::__private::text(__key, "home:");
            ::cache_runtime::__private::part(__key, &lang);
        };
        let __make = || {
            let __this: Self = ::cache_runtime::__private::copied(self);
            let lang = ::cache_runtime::__private::owned(lang);
            (
                (),
                async move {
                    Self::__cached_home_body(
                            &__this,
                            ::core::borrow::Borrow::borrow(&lang),
                        )
                        .await
                },
            )
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
        let __key = ::cache_runtime::__private::key(__parts);
        ::cache_runtime::__private::load_refreshing(
                __slot,
                __cache,
                __spec,
                __key,
                (),
                __refresh,
                Self::__cached_home_body(self, lang),
            )
            .await
    }
    pub async fn touch(&self, s: Session) -> sqlx::Result<()> {
        let __spec = Self::__cached_touch_spec();
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
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "session:");
        ::cache_runtime::__private::part(&mut __key, &s.id);
        let __effects = ::cache_runtime::__private::Effects::new();
        let __value = ::core::clone::Clone::clone(&s);
        let __payload = ::cache_runtime::__private::lasting(s);
        let __deferring = ::cache_runtime::__private::detached(
            ::cache_runtime::__private::deferring(
                    ::cache_runtime::__private::copied(self),
                    Self::__cached_touch_flush,
                )
                .in_transaction(Self::__cached_touch_progress),
        );
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        ::cache_runtime::__private::Again((
                ::cache_runtime::__private::carrying(__slot),
                (),
                ::cache_runtime::__private::shows(
                    ::cache_runtime::__private::showable(__value),
                ),
                __payload,
                __deferring,
            ))
            .enqueue(__cache, __spec, __key.finish(), __effects)
            .await
    }
    async fn save_sessions(
        &self,
        tx: &mut CacheTx<'_, Sqlite>,
        batch: &[Session],
    ) -> sqlx::Result<()> {
        tx.save(batch).await
    }
    pub async fn count(&self, id: &str, count: u64) -> sqlx::Result<()> {
        let __spec = Self::__cached_count_spec();
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
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "views:");
        ::cache_runtime::__private::part(&mut __key, &id);
        let __effects = ::cache_runtime::__private::Effects::new();
        let __value = ::core::clone::Clone::clone(&count);
        let __payload = (
            ::cache_runtime::__private::lasting(::cache_runtime::__private::owned(id)),
            ::cache_runtime::__private::lasting(count),
        );
        let __deferring = ::cache_runtime::__private::detached(
            ::cache_runtime::__private::deferring(
                ::cache_runtime::__private::copied(self),
                Self::__cached_count_flush,
            ),
        );
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        ::cache_runtime::__private::Again((
                ::cache_runtime::__private::carrying(__slot),
                (),
                ::cache_runtime::__private::shows(
                    ::cache_runtime::__private::showable(__value),
                ),
                __payload,
                __deferring,
            ))
            .enqueue(__cache, __spec, __key.finish(), __effects)
            .await
    }
}
impl Shop {
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_home_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Shop::home",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::RefreshAhead,
                "home:<lang>",
            )
            .ttl_ms(60000)
            .refresh_at_permille(900)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<Arc<Vec<Product>>>>()
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
    async fn __cached_home_body(
        &self,
        #[allow(unused_variables)]
        lang: &str,
    ) -> sqlx::Result<Arc<Vec<Product>>> {
        self.db.home(lang).await
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
    pub fn __cached_home_edge1(
        lang: impl ::cache_runtime::__private::EdgeArg<str>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "home:");
        ::cache_runtime::__private::edge_part::<str, _>(&mut __key, &lang);
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
    pub fn home_entry(
        &self,
        lang: &str,
    ) -> ::cache_runtime::Entry<'_, sqlx::Result<Arc<Vec<Product>>>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_home_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "home:");
        ::cache_runtime::__private::Again(&lang).part(&mut __key);
        let lang = ::cache_runtime::__private::owned(lang);
        let __slot = ::cache_runtime::__private::slot::<
            sqlx::Result<Arc<Vec<Product>>>,
        >()
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
                async move {
                    Self::__cached_home_body(self, ::core::borrow::Borrow::borrow(&lang))
                        .await
                },
            )
    }
    /// The arguments of [`home`](Self::home) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn home_args(
        key: &::core::primitive::str,
    ) -> ::core::option::Option<(::std::string::String,)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_home_spec(),
            key,
        )?;
        let lang = ::cache_runtime::__private::Again(
                ::core::marker::PhantomData::<::std::string::String>,
            )
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((lang,))
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_touch_spec() -> &'static ::cache_runtime::__private::Spec {
        const _: () = {
            #[deprecated(
                note = "no reader of this `impl` block uses the key `session:<s.id>` that `touch` writes\nhelp: give it the key of a reader\nhelp: if the reader is in another block, or there is none, put `#[allow(deprecated)]` on `touch`"
            )]
            const __NO_READER_USES_THIS_KEY: () = ();
            __NO_READER_USES_THIS_KEY
        };
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Shop::touch",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteBehind,
                "session:<s.id>",
            )
            .ttl_ms(3600000)
            .conflicts_panic(::core::cfg!(test));
        &__SPEC
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    async fn __cached_touch_flush(
        __this: Self,
        __batch: ::std::vec::Vec<Session>,
    ) -> sqlx::Result<()> {
        let __batch = ::cache_runtime::__private::batch_of::<Session, Session>(__batch);
        let __failed: fn(_) -> _ = ::cache_runtime::__private::of_database;
        let mut __tx = match ::cache_runtime::__private::begin(
                ::cache_runtime::__private::cache(&(__this.cache)),
                &(__this.db),
            )
            .await
        {
            ::core::result::Result::Ok(__tx) => __tx,
            ::core::result::Result::Err(__error) => {
                return ::core::result::Result::Err(__failed(__error));
            }
        };
        let __done = Self::save_sessions(&__this, &mut __tx, &__batch).await;
        ::cache_runtime::__private::finish(__tx, __done, __failed).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    fn __cached_touch_progress(
        __this: &Self,
        __lane: ::cache_runtime::__private::Lane,
    ) -> ::cache_runtime::__private::Progress {
        ::cache_runtime::__private::progress(
            ::cache_runtime::__private::cache(&(__this.cache)),
            &(__this.db),
            __lane,
        )
    }
    #[doc(hidden)]
    #[allow(dead_code, clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn __cached_touch_waiting() -> &'static ::cache_runtime::__private::Spec {
        Self::__cached_touch_spec()
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_count_spec() -> &'static ::cache_runtime::__private::Spec {
        const _: () = {
            #[deprecated(
                note = "no reader of this `impl` block uses the key `views:<id>` that `count` writes\nhelp: give it the key of a reader\nhelp: if the reader is in another block, or there is none, put `#[allow(deprecated)]` on `count`"
            )]
            const __NO_READER_USES_THIS_KEY: () = ();
            __NO_READER_USES_THIS_KEY
        };
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Shop::count",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteBehind,
                "views:<id>",
            )
            .ttl_ms(300000)
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
    async fn __cached_count_body(
        &self,
        #[allow(unused_variables)]
        id: &str,
        #[allow(unused_variables)]
        count: u64,
    ) -> sqlx::Result<()> {
        self.db.count(id, count).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    async fn __cached_count_flush(
        __this: Self,
        __batch: ::std::vec::Vec<(::std::string::String, u64)>,
    ) -> sqlx::Result<()> {
        for (id, count) in __batch {
            Self::__cached_count_body(
                    &__this,
                    ::core::borrow::Borrow::borrow(&id),
                    count,
                )
                .await?;
        }
        ::core::result::Result::Ok(())
    }
    #[doc(hidden)]
    #[allow(dead_code, clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn __cached_count_waiting() -> &'static ::cache_runtime::__private::Spec {
        Self::__cached_count_spec()
    }
}
#[allow(unused_variables, clippy::all, clippy::pedantic, clippy::nursery)]
impl ::cache_runtime::Repository for Shop {
    fn cache(&self) -> &::cache_runtime::Cache {
        ::cache_runtime::__private::cache(&(self.cache))
    }
    fn hand_over(self, __served: &mut ::cache_runtime::__private::Served) {
        {
            let __slot = {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<()>>()
                    .result()
                    .error()
                    .option()
            };
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::Again((
                    __slot,
                    ::cache_runtime::__private::deferring(
                            ::cache_runtime::__private::Again(&self).copied(),
                            Self::__cached_touch_flush,
                        )
                        .in_transaction(Self::__cached_touch_progress),
                ))
                .hand_over(__served, Self::__cached_touch_spec());
        }
        {
            let __slot = {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<()>>()
                    .result()
                    .error()
                    .option()
            };
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::Again((
                    __slot,
                    ::cache_runtime::__private::deferring(
                        ::cache_runtime::__private::Again(&self).copied(),
                        Self::__cached_count_flush,
                    ),
                ))
                .hand_over(__served, Self::__cached_count_spec());
        }
    }
}
::cache_runtime::__private::submit! {
    ::cache_runtime::__private::Specs(& [< Shop > ::__cached_home_spec, < Shop >
    ::__cached_touch_spec, < Shop > ::__cached_count_spec])
}
