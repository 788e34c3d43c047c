//! How does a reader wait for what others have acknowledged: `flush_before(touch, Sessions::touch)`?

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Path;

use crate::diag::ends;
use crate::edges;
use crate::function::unraw;
use crate::plan::{Plan, hidden};

// before: flush_before(touch, Sessions::touch)
// after:  flush_before(__cache, &[Self::__cached_touch_waiting(), Sessions::__cached_touch_waiting()]).await;
/// What stands before the body, so that a hit doesn't wait.
pub(crate) fn first(plan: &Plan<'_>) -> Option<TokenStream> {
    let paths = plan.args().flush_before.value().filter(|paths| !paths.is_empty())?;
    let (door, mixed) = (&plan.door, Span::mixed_site());
    let specs = paths.iter().map(|path| waiting(plan, path));
    Some(quote_spanned!(mixed=> #door::flush_before(__cache, &[#(#specs),*]).await;))
}

fn waiting(plan: &Plan<'_>, path: &Path) -> TokenStream {
    let here = edges::local(path).is_some();
    let mut function = path.clone();
    if let Some(last) = function.segments.last_mut() {
        last.ident = hidden(&last.ident, "waiting");
    }
    match path.segments.last() {
        Some(last) if here => {
            let function = hidden(&last.ident, "waiting");
            quote!(Self::#function())
        }
        Some(last) => {
            let (missing, span) = (missing(plan, &last.ident), ends(path).1);
            let call = quote_spanned!(span=> #function());
            quote_spanned!(Span::mixed_site()=> { #missing #call })
        }
        None => function.into_token_stream(),
    }
}

// before: Sessions::tuch
// after:  #[diagnostic::on_unimplemented(message = "`{Self}` has no `write_behind` function `tuch`", ..)] trait __Behind {}
//         trait __Missing { fn __cached_tuch_waiting() -> &'static Spec where Self: __Behind { unreachable!() } }      found only where there is none
fn missing(plan: &Plan<'_>, name: &Ident) -> TokenStream {
    let (door, span) = (&plan.door, name.span());
    let function = Ident::new(&hidden(name, "waiting").to_string(), span);
    let message = format!("`{{Self}}` has no `write_behind` function `{}`", unraw(name));
    quote_spanned! {Span::mixed_site()=>
        #[diagnostic::on_unimplemented(
            message = #message,
            label = "nothing to flush",
            note = "`flush_before` names functions under `#[cached(strategy = \"write_behind\", ..)]` in a `#[repository]`"
        )]
        trait __Behind {}
        #[allow(dead_code, non_snake_case)]
        trait __Missing {
            fn #function() -> &'static #door::Spec
            where
                Self: __Behind,
            {
                ::core::unreachable!()
            }
        }
        impl<__T: ?::core::marker::Sized> __Missing for __T {}
    }
}
