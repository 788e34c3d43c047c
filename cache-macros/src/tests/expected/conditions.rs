// #[repository(cache = self.cache, ttl = self.config.ttl)]
// impl Pages {
//     #[cached(strategy = "refresh_ahead", key = "page:<lang>:<n>", when = !preview, unless = |page| page.draft || page.lang != lang, skip(preview))]
//     pub async fn page(&self, lang: &str, n: u32, preview: bool) -> Result<Option<Page>, Error> { self.db.page(lang, n).await }
// 
//     #[cached(key = "page:<lang>:<n>", each(n in ns), ttl = |page| page.max_age())]
//     pub async fn pages(&self, lang: &str, ns: &[u32]) -> Result<HashMap<u32, Page>, Error> { self.db.pages(lang, ns).await }
// 
//     #[invalidates(before = self.db.row(id).await?, page(before.lang, ..), page(result.lang, ..))]
//     pub async fn translate(&self, id: i64) -> Result<Row, Error> { self.db.translate(id).await }
// }

impl Pages {
    pub async fn page(
        &self,
        lang: &str,
        n: u32,
        preview: bool,
    ) -> Result<Option<Page>, Error> {
        let __when = ::cache_runtime::__private::holds(!preview);
        let __spec = Self::__cached_page_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable(
                ::cache_runtime::__private::slot::<Result<Option<Page>, Error>>()
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
            ::cache_runtime::__private::text(__key, "page:");
            ::cache_runtime::__private::part(__key, &lang);
            ::cache_runtime::__private::mark_group(__key);
            ::cache_runtime::__private::text(__key, ":");
            ::cache_runtime::__private::part(__key, &n);
        };
        let __make = || {
            let __this: Self = ::cache_runtime::__private::copied(self);
            let lang = ::cache_runtime::__private::owned(lang);
            let n = ::core::clone::Clone::clone(&n);
            let preview = ::core::clone::Clone::clone(&preview);
            (
                ::cache_runtime::__private::terms(
                    __slot,
                    true,
                    {
                        let __this: Self = ::core::clone::Clone::clone(&__this);
                        move |__value| {
                            let __this: &Self = &__this;
                            ::cache_runtime::__private::about(__this.config.ttl)
                        }
                    },
                    {
                        let lang = ::core::clone::Clone::clone(&lang);
                        move |__value| {
                            let lang: &str = ::core::borrow::Borrow::borrow(&lang);
                            ::cache_runtime::__private::holds(
                                ::cache_runtime::__private::apply(
                                    __value,
                                    |page| page.draft || page.lang != lang,
                                ),
                            )
                        }
                    },
                ),
                async move {
                    Self::__cached_page_body(
                            &__this,
                            ::core::borrow::Borrow::borrow(&lang),
                            n,
                            preview,
                        )
                        .await
                },
            )
        };
        if let ::core::option::Option::Some(__hit) = if __when {
            ::cache_runtime::__private::hit_refreshing(
                __slot,
                __cache,
                __spec,
                &__parts,
                &__make,
            )
        } else {
            ::core::option::Option::None
        } {
            return __hit;
        }
        let __refresh = __make();
        let __key = ::cache_runtime::__private::key(__parts);
        ::cache_runtime::__private::load_refreshing(
                __slot,
                __cache,
                __spec,
                __key,
                ::cache_runtime::__private::terms(
                    __slot,
                    __when,
                    move |__value| ::cache_runtime::__private::about(self.config.ttl),
                    move |__value| ::cache_runtime::__private::holds(
                        ::cache_runtime::__private::apply(
                            __value,
                            |page| page.draft || page.lang != lang,
                        ),
                    ),
                ),
                __refresh,
                Self::__cached_page_body(self, lang, n, preview),
            )
            .await
    }
    pub async fn pages(
        &self,
        lang: &str,
        ns: &[u32],
    ) -> Result<HashMap<u32, Page>, Error> {
        let __spec = Self::__cached_pages_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::storable_each(
                ::cache_runtime::__private::slot::<Result<HashMap<u32, Page>, Error>>()
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
            u32,
            _,
            _,
            _,
        >(
                __slot,
                __cache,
                __spec,
                ::cache_runtime::__private::ids(&ns),
                {
                    move |__key: &mut ::cache_runtime::__private::KeyBuilder, n: &u32| {
                        ::cache_runtime::__private::text(__key, "page:");
                        ::cache_runtime::__private::part(__key, &lang);
                        ::cache_runtime::__private::mark_group(__key);
                        ::cache_runtime::__private::text(__key, ":");
                        ::cache_runtime::__private::part(__key, &n);
                    }
                },
                ::cache_runtime::__private::terms_each(
                    __slot,
                    true,
                    move |__value| ::cache_runtime::__private::at_most(
                        ::cache_runtime::__private::apply(__value, |page| page.max_age()),
                    ),
                    ::cache_runtime::__private::always,
                ),
                move |__missing: ::std::vec::Vec<u32>| {
                    async move {
                        Self::__cached_pages_body(self, lang, &__missing).await
                    }
                },
            )
            .await
    }
    pub async fn translate(&self, id: i64) -> Result<Row, Error> {
        let __spec = Self::__cached_translate_spec();
        let __slot = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::slot::<Result<Row, Error>>()
                .result()
                .error()
                .option()
        };
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let __row = self.db.row(id).await?;
        let __before = {
            #[allow(unused_imports)]
            use ::cache_runtime::__private::probe::*;
            ::cache_runtime::__private::Previous(&__row).row()
        };
        let mut __effects = ::cache_runtime::__private::Effects::new();
        if let ::core::option::Option::Some(before) = __before {
            #[allow(clippy::needless_borrows_for_generic_args)]
            __effects.push(Self::__cached_page_group1(&(before.lang)));
        }
        ::cache_runtime::__private::invalidating(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                __effects,
                Self::__cached_translate_body(self, id),
                {
                    move |result, __effects: &mut ::cache_runtime::__private::Effects| {
                        #[allow(clippy::needless_borrows_for_generic_args)]
                        __effects.push(Self::__cached_page_group1(&(result.lang)));
                    }
                },
            )
            .await
    }
}
impl Pages {
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_page_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Pages::page",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::RefreshAhead,
                "page:<lang>:<n>",
            )
            .ttl_computed()
            .refresh_at_permille(800)
            .groups(&[1])
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<Result<Option<Page>, Error>>()
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
    async fn __cached_page_body(
        &self,
        #[allow(unused_variables)]
        lang: &str,
        #[allow(unused_variables)]
        n: u32,
        #[allow(unused_variables)]
        preview: bool,
    ) -> Result<Option<Page>, Error> {
        self.db.page(lang, n).await
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
    pub fn __cached_page_edge2(
        lang: impl ::cache_runtime::__private::EdgeArg<str>,
        n: impl ::cache_runtime::__private::EdgeArg<u32>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "page:");
        ::cache_runtime::__private::edge_part::<str, _>(&mut __key, &lang);
        ::cache_runtime::__private::mark_group(&mut __key);
        ::cache_runtime::__private::text(&mut __key, ":");
        ::cache_runtime::__private::edge_part::<u32, _>(&mut __key, &n);
        ::cache_runtime::__private::Edge::key(Self::__cached_page_spec(), __key)
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
    pub fn __cached_page_group1(
        lang: impl ::cache_runtime::__private::EdgeArg<str>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "page:");
        ::cache_runtime::__private::edge_part::<str, _>(&mut __key, &lang);
        ::cache_runtime::__private::Edge::group(Self::__cached_page_spec(), __key)
    }
    /// The cache entry behind [`page`](Self::page): look at it, store into it, or drop it.
    #[allow(
        dead_code,
        private_interfaces,
        private_bounds,
        clippy::all,
        clippy::pedantic,
        clippy::nursery
    )]
    pub fn page_entry(
        &self,
        lang: &str,
        n: u32,
        preview: bool,
    ) -> ::cache_runtime::Entry<'_, Result<Option<Page>, Error>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_page_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "page:");
        ::cache_runtime::__private::Again(&lang).part(&mut __key);
        ::cache_runtime::__private::mark_group(&mut __key);
        ::cache_runtime::__private::text(&mut __key, ":");
        ::cache_runtime::__private::Again(&n).part(&mut __key);
        let lang = ::cache_runtime::__private::owned(lang);
        let __slot = ::cache_runtime::__private::slot::<Result<Option<Page>, Error>>()
            .result()
            .error()
            .option()
            .shared();
        __slot
            .entry(
                __cache,
                __spec,
                __key.finish(),
                ::cache_runtime::__private::terms(
                    __slot,
                    true,
                    move |__value| {
                        ::cache_runtime::__private::Again(self.config.ttl).about()
                    },
                    {
                        let lang = ::core::clone::Clone::clone(&lang);
                        move |__value| {
                            let lang: &str = ::core::borrow::Borrow::borrow(&lang);
                            ::cache_runtime::__private::Again(
                                    ::cache_runtime::__private::apply(
                                        __value,
                                        |page| page.draft || page.lang != lang,
                                    ),
                                )
                                .holds()
                        }
                    },
                ),
                async move {
                    Self::__cached_page_body(
                            self,
                            ::core::borrow::Borrow::borrow(&lang),
                            n,
                            preview,
                        )
                        .await
                },
            )
    }
    /// The arguments of [`page`](Self::page) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn page_args(
        key: &::core::primitive::str,
    ) -> ::core::option::Option<(::std::string::String, u32)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_page_spec(),
            key,
        )?;
        let lang = ::cache_runtime::__private::Again(
                ::core::marker::PhantomData::<::std::string::String>,
            )
            .parsed(&mut __parts)?;
        let n = ::cache_runtime::__private::Again(::core::marker::PhantomData::<u32>)
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((lang, n))
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_pages_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Pages::pages",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::CacheAside,
                "page:<lang>:<n>",
            )
            .ttl_computed()
            .groups(&[1])
            .value(|__schema| {
                #[allow(unused_imports)]
                use ::cache_runtime::__private::probe::*;
                ::cache_runtime::__private::slot::<Result<HashMap<u32, Page>, Error>>()
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
    async fn __cached_pages_body(
        &self,
        #[allow(unused_variables)]
        lang: &str,
        #[allow(unused_variables)]
        ns: &[u32],
    ) -> Result<HashMap<u32, Page>, Error> {
        self.db.pages(lang, ns).await
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
    pub fn __cached_pages_edge2(
        lang: impl ::cache_runtime::__private::EdgeArg<str>,
        n: impl ::cache_runtime::__private::EdgeArg<u32>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "page:");
        ::cache_runtime::__private::edge_part::<str, _>(&mut __key, &lang);
        ::cache_runtime::__private::mark_group(&mut __key);
        ::cache_runtime::__private::text(&mut __key, ":");
        ::cache_runtime::__private::edge_part::<u32, _>(&mut __key, &n);
        ::cache_runtime::__private::Edge::key(Self::__cached_pages_spec(), __key)
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
    pub fn __cached_pages_group1(
        lang: impl ::cache_runtime::__private::EdgeArg<str>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "page:");
        ::cache_runtime::__private::edge_part::<str, _>(&mut __key, &lang);
        ::cache_runtime::__private::Edge::group(Self::__cached_pages_spec(), __key)
    }
    /// The arguments of [`pages`](Self::pages) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn pages_args(
        key: &::core::primitive::str,
    ) -> ::core::option::Option<(::std::string::String, u32)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_pages_spec(),
            key,
        )?;
        let lang = ::cache_runtime::__private::Again(
                ::core::marker::PhantomData::<::std::string::String>,
            )
            .parsed(&mut __parts)?;
        let n = ::cache_runtime::__private::Again(::core::marker::PhantomData::<u32>)
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((lang, n))
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_translate_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::invalidates(
                "Pages::translate",
                ::core::module_path!(),
            )
            .edges(
                &[
                    ::cache_runtime::__private::SpecEdge::group("page", "before.lang"),
                    ::cache_runtime::__private::SpecEdge::group("page", "result.lang"),
                ],
            )
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
    async fn __cached_translate_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
    ) -> Result<Row, Error> {
        self.db.translate(id).await
    }
}
::cache_runtime::__private::submit! {
    ::cache_runtime::__private::Specs(& [< Pages > ::__cached_page_spec, < Pages >
    ::__cached_pages_spec, < Pages > ::__cached_translate_spec])
}
