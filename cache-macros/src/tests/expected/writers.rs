// #[repository(cache = self.cache, db = self.db, ttl = "5m")]
// impl Products {
//     #[cached(strategy = "read_through", key = "product:<id>")]
//     pub async fn find(&self, id: i64) -> sqlx::Result<Product> { self.db.load(id).await }
// 
//     #[cached(strategy = "read_through", key = "browse:<category>:<page>")]
//     pub async fn browse(&self, category: &str, page: u32) -> sqlx::Result<Arc<Vec<Product>>> { self.db.browse(category, page).await }
// 
//     #[cached(strategy = "write_through", ttl = 300, key = "product:<id>", invalidates(browse(result.category, ..)))]
//     pub async fn reprice(&self, id: i64, price: Money) -> sqlx::Result<Product> { self.db.reprice(id, price).await }
// 
//     #[cached(strategy = "write_through", key = "product:<product.id>", value = product)]
//     pub async fn put(&self, product: &Product) -> sqlx::Result<()> { self.db.put(product).await }
// 
//     #[cached(strategy = "write_around", key = "product:<result.id>")]
//     pub async fn insert(&self, draft: Draft) -> sqlx::Result<Product> { self.db.insert(draft).await }
// 
//     #[invalidates(find(id), browse(category, ..), Audits::of(id))]
//     pub async fn delete(&self, id: i64, category: &str) -> sqlx::Result<()> { self.db.delete(id).await }
// }

impl Products {
    pub async fn find(&self, id: i64) -> sqlx::Result<Product> {
        let __spec = Self::__cached_find_spec();
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
    pub async fn browse(
        &self,
        category: &str,
        page: u32,
    ) -> sqlx::Result<Arc<Vec<Product>>> {
        let __spec = Self::__cached_browse_spec();
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
            ::cache_runtime::__private::text(__key, "browse:");
            ::cache_runtime::__private::part(__key, &category);
            ::cache_runtime::__private::mark_group(__key);
            ::cache_runtime::__private::text(__key, ":");
            ::cache_runtime::__private::part(__key, &page);
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
                Self::__cached_browse_body(self, category, page),
            )
            .await
    }
    pub async fn reprice(&self, id: i64, price: Money) -> sqlx::Result<Product> {
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
        let __effects = ::cache_runtime::__private::Effects::new();
        ::cache_runtime::__private::write_through(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                __key.finish(),
                (),
                __effects,
                Self::__cached_reprice_body(self, id, price),
                {
                    move |result, __effects: &mut ::cache_runtime::__private::Effects| {
                        #[allow(clippy::needless_borrows_for_generic_args)]
                        __effects.push(Self::__cached_browse_group1(&(result.category)));
                    }
                },
            )
            .await
    }
    pub async fn put(&self, product: &Product) -> sqlx::Result<()> {
        let __spec = Self::__cached_put_spec();
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
        ::cache_runtime::__private::text(&mut __key, "product:");
        ::cache_runtime::__private::part(&mut __key, &product.id);
        let __effects = ::cache_runtime::__private::Effects::new();
        let __value = ::cache_runtime::__private::owned(product);
        ::cache_runtime::__private::write_value(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                __key.finish(),
                (),
                __value,
                __effects,
                Self::__cached_put_body(self, product),
                |_, _: &mut ::cache_runtime::__private::Effects| {},
            )
            .await
    }
    pub async fn insert(&self, draft: Draft) -> sqlx::Result<Product> {
        let __spec = Self::__cached_insert_spec();
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
        let __effects = ::cache_runtime::__private::Effects::new();
        ::cache_runtime::__private::invalidating(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                __effects,
                Self::__cached_insert_body(self, draft),
                {
                    move |__result, __effects: &mut ::cache_runtime::__private::Effects| {
                        {
                            let mut __key = ::cache_runtime::__private::KeyBuilder::new();
                            ::cache_runtime::__private::text(&mut __key, "product:");
                            ::cache_runtime::__private::part(&mut __key, &__result.id);
                            __effects
                                .push(::cache_runtime::__private::own_key(__spec, __key));
                        }
                    }
                },
            )
            .await
    }
    pub async fn delete(&self, id: i64, category: &str) -> sqlx::Result<()> {
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
        #[allow(clippy::needless_borrows_for_generic_args)]
        __effects.push(Self::__cached_browse_group1(&(category)));
        #[allow(clippy::needless_borrows_for_generic_args)]
        __effects
            .push({
                #[diagnostic::on_unimplemented(
                    message = "`{Self}` has no reader `of` with a key of 1 argument",
                    label = "no such reader",
                    note = "an edge names a reader, a function under `#[cached(..)]` that loads, with the parameters that stand in its key, in order",
                    note = "a reader whose key uses `self`, or the `scope` of its repository, is named inside that repository only"
                )]
                trait __Reader {}
                #[allow(dead_code, non_snake_case)]
                trait __Missing {
                    fn __cached_of_edge1<__A0>(
                        _: __A0,
                    ) -> ::cache_runtime::__private::Edge
                    where
                        Self: __Reader,
                    {
                        ::core::unreachable!()
                    }
                }
                impl<__T: ?::core::marker::Sized> __Missing for __T {}
                Audits::__cached_of_edge1(&(id))
            });
        ::cache_runtime::__private::invalidating(
                __slot,
                ::core::option::Option::None,
                __cache,
                __spec,
                __effects,
                Self::__cached_delete_body(self, id, category),
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
    async fn __cached_find_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
    ) -> sqlx::Result<Product> {
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
    ) -> ::cache_runtime::Entry<'_, sqlx::Result<Product>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_find_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "product:");
        ::cache_runtime::__private::Again(&id).part(&mut __key);
        let __slot = ::cache_runtime::__private::slot::<sqlx::Result<Product>>()
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
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_browse_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::browse",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::ReadThrough,
                "browse:<category>:<page>",
            )
            .ttl_ms(300000)
            .groups(&[1])
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
    async fn __cached_browse_body(
        &self,
        #[allow(unused_variables)]
        category: &str,
        #[allow(unused_variables)]
        page: u32,
    ) -> sqlx::Result<Arc<Vec<Product>>> {
        self.db.browse(category, page).await
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
    pub fn __cached_browse_edge2(
        category: impl ::cache_runtime::__private::EdgeArg<str>,
        page: impl ::cache_runtime::__private::EdgeArg<u32>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "browse:");
        ::cache_runtime::__private::edge_part::<str, _>(&mut __key, &category);
        ::cache_runtime::__private::mark_group(&mut __key);
        ::cache_runtime::__private::text(&mut __key, ":");
        ::cache_runtime::__private::edge_part::<u32, _>(&mut __key, &page);
        ::cache_runtime::__private::Edge::key(Self::__cached_browse_spec(), __key)
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
    pub fn __cached_browse_group1(
        category: impl ::cache_runtime::__private::EdgeArg<str>,
    ) -> ::cache_runtime::__private::Edge {
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "browse:");
        ::cache_runtime::__private::edge_part::<str, _>(&mut __key, &category);
        ::cache_runtime::__private::Edge::group(Self::__cached_browse_spec(), __key)
    }
    /// The cache entry behind [`browse`](Self::browse): look at it, store into it, or drop it.
    #[allow(
        dead_code,
        private_interfaces,
        private_bounds,
        clippy::all,
        clippy::pedantic,
        clippy::nursery
    )]
    pub fn browse_entry(
        &self,
        category: &str,
        page: u32,
    ) -> ::cache_runtime::Entry<'_, sqlx::Result<Arc<Vec<Product>>>> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let __spec = Self::__cached_browse_spec();
        let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(
            &(self.cache),
        );
        let mut __key = ::cache_runtime::__private::KeyBuilder::new();
        ::cache_runtime::__private::text(&mut __key, "browse:");
        ::cache_runtime::__private::Again(&category).part(&mut __key);
        ::cache_runtime::__private::mark_group(&mut __key);
        ::cache_runtime::__private::text(&mut __key, ":");
        ::cache_runtime::__private::Again(&page).part(&mut __key);
        let category = ::cache_runtime::__private::owned(category);
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
                    Self::__cached_browse_body(
                            self,
                            ::core::borrow::Borrow::borrow(&category),
                            page,
                        )
                        .await
                },
            )
    }
    /// The arguments of [`browse`](Self::browse) that a key was made from, if it was made by it.
    #[allow(dead_code, unused_variables, private_interfaces, private_bounds)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    pub fn browse_args(
        key: &::core::primitive::str,
    ) -> ::core::option::Option<(::std::string::String, u32)> {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        let mut __parts = ::cache_runtime::__private::parse(
            Self::__cached_browse_spec(),
            key,
        )?;
        let category = ::cache_runtime::__private::Again(
                ::core::marker::PhantomData::<::std::string::String>,
            )
            .parsed(&mut __parts)?;
        let page = ::cache_runtime::__private::Again(::core::marker::PhantomData::<u32>)
            .parsed(&mut __parts)?;
        ::core::option::Option::Some((category, page))
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
            .edges(
                &[
                    ::cache_runtime::__private::SpecEdge::group(
                        "browse",
                        "result.category",
                    ),
                ],
            )
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
        price: Money,
    ) -> sqlx::Result<Product> {
        self.db.reprice(id, price).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_put_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::put",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteThrough,
                "product:<product.id>",
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
    async fn __cached_put_body(
        &self,
        #[allow(unused_variables)]
        product: &Product,
    ) -> sqlx::Result<()> {
        self.db.put(product).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_insert_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
                "Products::insert",
                ::core::module_path!(),
                ::cache_runtime::__private::Strategy::WriteAround,
                "product:<result.id>",
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
    async fn __cached_insert_body(&self, draft: Draft) -> sqlx::Result<Product> {
        self.db.insert(draft).await
    }
    #[doc(hidden)]
    #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    #[inline]
    fn __cached_delete_spec() -> &'static ::cache_runtime::__private::Spec {
        static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::invalidates(
                "Products::delete",
                ::core::module_path!(),
            )
            .edges(
                &[
                    ::cache_runtime::__private::SpecEdge::key("find", "id"),
                    ::cache_runtime::__private::SpecEdge::group("browse", "category"),
                    ::cache_runtime::__private::SpecEdge::key("Audits::of", "id"),
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
    async fn __cached_delete_body(
        &self,
        #[allow(unused_variables)]
        id: i64,
        #[allow(unused_variables)]
        category: &str,
    ) -> sqlx::Result<()> {
        self.db.delete(id).await
    }
}
::cache_runtime::__private::submit! {
    ::cache_runtime::__private::Specs(& [< Products > ::__cached_find_spec, < Products >
    ::__cached_browse_spec, < Products > ::__cached_reprice_spec, < Products >
    ::__cached_put_spec, < Products > ::__cached_insert_spec, < Products >
    ::__cached_delete_spec])
}
