// #[cached(key = "product:<id>", ttl = "5m", schema = 2)]
// pub async fn find(cache: &Cache, id: i64) -> Result<Option<Product>, Error> { load(id).await }

pub async fn find(cache: &Cache, id: i64) -> Result<Option<Product>, Error> {
    static __SPEC: ::cache_runtime::__private::Spec = ::cache_runtime::__private::Spec::new(
            "find",
            ::core::module_path!(),
            ::cache_runtime::__private::Strategy::CacheAside,
            "product:<id>",
        )
        .ttl_ms(300000)
        .schema(2)
        .conflicts_panic(::core::cfg!(test));
    let __spec: &'static ::cache_runtime::__private::Spec = &__SPEC;
    ::cache_runtime::__private::submit! {
        & __SPEC
    }
    let __slot = {
        #[allow(unused_imports)]
        use ::cache_runtime::__private::probe::*;
        ::cache_runtime::__private::storable(
            ::cache_runtime::__private::slot::<Result<Option<Product>, Error>>()
                .result()
                .error()
                .option()
                .shared(),
        )
    };
    let __cache: &::cache_runtime::Cache = ::cache_runtime::__private::cache(cache);
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
            async move {
                #[allow(clippy::needless_return)]
                if false {
                    return ::cache_runtime::__private::never::<
                        Result<Option<Product>, Error>,
                    >();
                }
                load(id).await
            },
        )
        .await
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
    ::cache_runtime::__private::Edge::key_of("product:<id>", __key)
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
pub fn __cached_find_edge(
    id: impl ::cache_runtime::__private::EdgeArg<i64>,
) -> ::cache_runtime::__private::Edge {
    let mut __key = ::cache_runtime::__private::KeyBuilder::new();
    ::cache_runtime::__private::text(&mut __key, "product:");
    ::cache_runtime::__private::edge_part::<i64, _>(&mut __key, &id);
    ::cache_runtime::__private::Edge::key_of("product:<id>", __key)
}
