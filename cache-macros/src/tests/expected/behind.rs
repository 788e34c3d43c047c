// #[repository(cache = self.cache, db = self.db, ttl = "5m")]
// impl Counters {
//     #[cached(key = "views:<id>", negative_ttl = 30)]
//     pub async fn views(&self, id: i64) -> sqlx::Result<Option<Views>> { self.db.views(id).await }
// 
//     #[cached(strategy = "write_behind", key = "views:<views.id>", merge = Self::add, schema = 2, upcast = Self::upcast, batch = Self::save)]
//     pub async fn count(&self, views: Views) -> sqlx::Result<()>;
// 
//     async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Views]) -> sqlx::Result<()> { tx.save(batch).await }
// 
//     #[cached(strategy = "write_behind", key = "note:<id>", value = note, version = <value.revision>, coalesce = false)]
//     pub async fn note(&self, id: &str, note: Note) -> sqlx::Result<()> { self.db.note(id, note).await }
// 
//     #[cached(strategy = "write_behind", key = "note:<id>", deletes, unordered)]
//     pub async fn tear(&self, id: &str) -> sqlx::Result<()> { self.db.tear(id).await }
// 
//     #[cached(key = "top", flush_before(count, Notes::write))]
//     pub async fn top(&self) -> sqlx::Result<Vec<Views>> { self.db.top().await }
// 
//     #[invalidates(views(id))]
//     pub async fn reset(&self, id: i64) -> sqlx::Result<()> { self.db.reset(id).await }
// }

impl Counters {
    pub async fn views(&self, id: i64) -> sqlx::Result<Option<Views>> {
        let __spec = Self::__cached_views_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<sqlx::Result<Option<Views>>>()
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
            ::cache_runtime::__private::text(__key, "views:");
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
                {
                    let __again = {
                        #[allow(unused_imports)]
                        use ::cache_runtime::__private::probe::*;
                        let id = ::cache_runtime::__private::Again(&id).copies();
                        move || ::core::option::Option::Some(
                            Self::__cached_views_body(self, id.one()?),
                        )
                    };
                    ::cache_runtime::__private::repeated(
                        Self::__cached_views_body(self, id),
                        __again,
                    )
                },
            )
            .await
    }
    pub async fn count(&self, views: Views) -> sqlx::Result<()> {
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
        ::cache_runtime::__private::part(&mut __key, &views.id);
        let __effects = ::cache_runtime::__private::Effects::new();
        let __payload = ::cache_runtime::__private::lasting(views);
        let __deferring = ::cache_runtime::__private::detached(
            ::cache_runtime::__private::deferring(
                    ::cache_runtime::__private::copied(self),
                    Self::__cached_count_flush,
                )
                .in_transaction(Self::__cached_count_progress)
                .merging(Self::__cached_count_merge)
                .upcast(Self::__cached_count_upcast),
        );
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        ::cache_runtime::__private::Again((
                ::cache_runtime::__private::carrying(__slot),
                (),
                ::cache_runtime::__private::delta(),
                __payload,
                __deferring,
            ))
            .enqueue(__cache, __spec, __key.finish(), __effects)
            .await
    }
    async fn save(
        &self,
        tx: &mut CacheTx<'_, Sqlite>,
        batch: &[Views],
    ) -> sqlx::Result<()> {
        tx.save(batch).await
    }
    pub async fn note(&self, id: &str, note: Note) -> sqlx::Result<()> {
        let __spec = Self::__cached_note_spec();
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
        ::cache_runtime::__private::text(&mut __key, "note:");
        ::cache_runtime::__private::part(&mut __key, &id);
        let __effects = ::cache_runtime::__private::Effects::new();
        let __value = ::core::clone::Clone::clone(&note);
        let __payload = (
            ::cache_runtime::__private::lasting(::cache_runtime::__private::owned(id)),
            ::cache_runtime::__private::lasting(note),
        );
        let __deferring = ::cache_runtime::__private::detached(
            ::cache_runtime::__private::deferring(
                ::cache_runtime::__private::copied(self),
                Self::__cached_note_flush,
            ),
        );
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        ::cache_runtime::__private::Again((
                ::cache_runtime::__private::carrying(__slot),
                ::cache_runtime::__private::versioned_of(
                    &__value,
                    (),
                    move |__value| ::cache_runtime::__private::row_version(
                        &__value.revision,
                    ),
                ),
                ::cache_runtime::__private::shows(
                    ::cache_runtime::__private::showable(__value),
                ),
                __payload,
                __deferring,
            ))
            .enqueue(__cache, __spec, __key.finish(), __effects)
            .await
    }
    pub async fn tear(&self, id: &str) -> sqlx::Result<()> {
        let __spec = Self::__cached_tear_spec();
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
        ::cache_runtime::__private::text(&mut __key, "note:");
        ::cache_runtime::__private::part(&mut __key, &id);
        let __effects = ::cache_runtime::__private::Effects::new();
        let __payload = (
            ::cache_runtime::__private::lasting(::cache_runtime::__private::owned(id)),
        );
        let __deferring = ::cache_runtime::__private::detached(
            ::cache_runtime::__private::deferring(
                ::cache_runtime::__private::copied(self),
                Self::__cached_tear_flush,
            ),
        );
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        ::cache_runtime::__private::Again((
                ::cache_runtime::__private::carrying(__slot),
                (),
                ::cache_runtime::__private::deletes(),
                __payload,
                __deferring,
            ))
            .enqueue(__cache, __spec, __key.finish(), __effects)
            .await
    }
    pub async fn top(&self) -> sqlx::Result<Vec<Views>> {
        let __spec = Self::__cached_top_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<sqlx::Result<Vec<Views>>>()
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
            ::cache_runtime::__private::text(__key, "top");
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
                Self::__cached_top_body(self),
            )
            .await
    }
    pub async fn reset(&self, id: i64) -> sqlx::Result<()> {
        let __spec = Self::__cached_reset_spec();
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
        __effects.push(Self::__cached_views_edge1(&(id)));
        ::cache_runtime::__private::invalidating(
                __slot,
                ::cache_runtime::__private::refusal(&__slot),
                __cache,
                __spec,
                __effects,
                Self::__cached_reset_body(self, id),
                |_, _: &mut ::cache_runtime::__private::Effects| {},
            )
            .await
    }
}
impl Counters {
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_views_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Counters::views",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::CacheAside,
                "views:<id>",
            )
            .ttl_ms(300000)
            .negative_ttl_ms(30000)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<Option<Views>>>()
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
    async fn __cached_views_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
    ) -> sqlx::Result<Option<Views>> {
        self.db.views(id).await
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
    pub fn __cached_views_edge1(
        id: impl ::cache_runtime::__private::EdgeArg<i64>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "views:");
        ::cache_runtime::__private::edge_part::<i64, _>(&mut __key, &id);
        ::cache_runtime::__private::Edge::key(Self::__cached_views_spec(), __key)
    }
    /// The cache entry behind [`views`](Self::views): look at it, store into it, or drop it.
    #[allow(
        dead_code,
        private_interfaces,
        private_bounds,
        clippy::all,
        clippy::pedantic,
        clippy::nursery
    )]
    pub fn views_entry(
        &self,
        id: i64,
    ) -> ::cache_runtime::Entry<'_, sqlx::Result<Option<Views>>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_views_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "views:");
        ::cache_runtime::__private::Again(&id).part(&mut __key);
        let __slot = ::cache_runtime::__private::slot::<sqlx::Result<Option<Views>>>()
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
                async move { Self::__cached_views_body(self, id).await },
            )
    }
    /// The arguments of [`views`](Self::views) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn views_args(key: &::core::primitive::str) -> ::core::option::Option<(i64,)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_views_spec(),
            key,
        )?;
        let id = ::cache_runtime::__private::Again(::core::marker::PhantomData::<i64>)
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((id,))
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_count_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Counters::count",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteBehind,
                "views:<views.id>",
            )
            .schema(2)
            .merges()
            .adding(<Counters>::__cached_count_add)
            .conflicts_panic(::core::cfg!(test));
        &__SPEC
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    async fn __cached_count_flush(
        __this: Self,
        __batch: ::std::vec::Vec<Views>,
    ) -> sqlx::Result<()> {
        let __batch = ::cache_runtime::__private::batch_of::<Views, Views>(__batch);
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
        let __done = Self::save(&__this, &mut __tx, &__batch).await;
        ::cache_runtime::__private::finish(__tx, __done, __failed).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    fn __cached_count_progress(
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
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    fn __cached_count_merge(__one: Views, __other: Views) -> Views {
        ::cache_runtime::__private::merges::<Views, _>(Self::add, __one, __other)
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    fn __cached_count_upcast(
        __schema: ::core::primitive::u32,
        __json: &::core::primitive::str,
    ) -> ::core::result::Result<Views, ::std::string::String> {
        Self::upcast(__schema, __json)
    }
    #[allow(dead_code)]
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    fn __cached_count_add(
        __deltas: ::cache_runtime::__private::Deltas<'_>,
    ) -> ::cache_runtime::__private::Sum {
        {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            let __payload = ::core::marker::PhantomData::<Views>;
            ::cache_runtime::__private::adds_to(
                ::cache_runtime::__private::slot::<sqlx::Result<Option<Views>>>()
                    .result()
                    .error()
                    .option()
                    .shared(),
                __payload,
            );
        }
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        ::cache_runtime::__private::Again((
                __deltas,
                ::cache_runtime::__private::merging(Self::__cached_count_merge)
                    .upcast(Self::__cached_count_upcast),
            ))
            .sum()
    }
    #[doc(hidden)]
    #[allow(dead_code, clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn __cached_count_waiting() -> &'static ::cache_runtime::__private::Spec {
        Self::__cached_count_spec()
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_note_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Counters::note",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteBehind,
                "note:<id>",
            )
            .ttl_ms(300000)
            .coalesce(false)
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
    async fn __cached_note_body(
        &self,
        #[allow(unused_variables)]
        id: &str,
        #[allow(unused_variables)]
        note: Note,
    ) -> sqlx::Result<()> {
        self.db.note(id, note).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    async fn __cached_note_flush(
        __this: Self,
        __batch: ::std::vec::Vec<(::std::string::String, Note)>,
    ) -> sqlx::Result<()> {
        for (id, note) in __batch {
            Self::__cached_note_body(&__this, ::core::borrow::Borrow::borrow(&id), note)
                .await?;
        }
        ::core::result::Result::Ok(())
    }
    #[doc(hidden)]
    #[allow(dead_code, clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn __cached_note_waiting() -> &'static ::cache_runtime::__private::Spec {
        Self::__cached_note_spec()
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_tear_spec() -> &'static ::cache_runtime::__private::Spec {
        const _: () = {
            #[deprecated(
                note = "no reader of this `impl` block uses the key `note:<id>` that `tear` writes\nhelp: give it the key of a reader\nhelp: if the reader is in another block, or there is none, put `#[allow(deprecated)]` on `tear`"
            )]
            const __NO_READER_USES_THIS_KEY: () = ();
            __NO_READER_USES_THIS_KEY
        };
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Counters::tear",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteBehind,
                "note:<id>",
            )
            .deletes()
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
    async fn __cached_tear_body(
        &self,
        #[allow(unused_variables)]
        id: &str,
    ) -> sqlx::Result<()> {
        self.db.tear(id).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    async fn __cached_tear_flush(
        __this: Self,
        __batch: ::std::vec::Vec<(::std::string::String,)>,
    ) -> sqlx::Result<()> {
        for (id,) in __batch {
            Self::__cached_tear_body(&__this, ::core::borrow::Borrow::borrow(&id))
                .await?;
        }
        ::core::result::Result::Ok(())
    }
    #[doc(hidden)]
    #[allow(dead_code, clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn __cached_tear_waiting() -> &'static ::cache_runtime::__private::Spec {
        Self::__cached_tear_spec()
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_top_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Counters::top",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::CacheAside,
                "top",
            )
            .ttl_ms(300000)
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<sqlx::Result<Vec<Views>>>()
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
    async fn __cached_top_body(&self) -> sqlx::Result<Vec<Views>> {
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        ::cache_runtime::__private::flush_before(
                __cache,
                &[
                    Self::__cached_count_waiting(),
                    {
                        #[diagnostic::on_unimplemented(
                            message = "`{Self}` has no `write_behind` function `write`",
                            label = "nothing to flush",
                            note = "`flush_before` names functions under `#[cached(strategy = \"write_behind\", ..)]` in a `#[repository]`"
                        )]
                        trait __Behind {}
                        #[allow(dead_code, non_snake_case)]
                        trait __Missing {
                            fn __cached_write_waiting() -> &'static ::cache_runtime::__private::Spec
                            where
                                Self: __Behind,
                            {
                                ::core::unreachable!()
                            }
                        }
                        impl<__T: ?::core::marker::Sized> __Missing for __T {}
                        Notes::__cached_write_waiting()
                    },
                ],
            )
            .await;
        { self.db.top().await }
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
    pub fn __cached_top_edge0() -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "top");
        ::cache_runtime::__private::Edge::key(Self::__cached_top_spec(), __key)
    }
    /// The cache entry behind [`top`](Self::top): look at it, store into it, or drop it.
    #[allow(
        dead_code,
        private_interfaces,
        private_bounds,
        clippy::all,
        clippy::pedantic,
        clippy::nursery
    )]
    pub fn top_entry(&self) -> ::cache_runtime::Entry<'_, sqlx::Result<Vec<Views>>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_top_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "top");
        let __slot = ::cache_runtime::__private::slot::<sqlx::Result<Vec<Views>>>()
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
                async move { Self::__cached_top_body(self).await },
            )
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_reset_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::invalidates(
                "Counters::reset",
                ::core::module_path!(),
            )
            .edges(&[::cache_runtime::__private::SpecEdge::key("views", "id")])
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
    async fn __cached_reset_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
    ) -> sqlx::Result<()> {
        self.db.reset(id).await
    }
}
#[allow(unused_variables, clippy::all, clippy::pedantic, clippy::nursery)]
impl ::cache_runtime::Repository for Counters {
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
                            Self::__cached_count_flush,
                        )
                        .in_transaction(Self::__cached_count_progress)
                        .merging(Self::__cached_count_merge)
                        .upcast(Self::__cached_count_upcast),
                ))
                .hand_over(__served, Self::__cached_count_spec());
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
                        Self::__cached_note_flush,
                    ),
                ))
                .hand_over(__served, Self::__cached_note_spec());
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
                        Self::__cached_tear_flush,
                    ),
                ))
                .hand_over(__served, Self::__cached_tear_spec());
        }
    }
}
::cache_runtime::__private::submit! {
    ::cache_runtime::__private::Specs(& [< Counters > ::__cached_views_spec, < Counters >
    ::__cached_count_spec, < Counters > ::__cached_note_spec, < Counters >
    ::__cached_tear_spec, < Counters > ::__cached_top_spec, < Counters >
    ::__cached_reset_spec])
}
