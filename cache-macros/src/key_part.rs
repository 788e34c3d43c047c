//! `#[derive(KeyPart)]`: how does a type of the user's become part of a key, and is read back?

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Data, DataEnum, DeriveInput, Fields, Index, Member, Meta, Path, parse_quote};

use crate::args::{given, unknown_option};
use crate::diag::{Diagnostics, ends};
use crate::spanned::SetOnce;
use crate::types;
use crate::values::{path, skip_to_comma, skip_value, word};

/// What the trait's functions are made of.
struct Parts {
    optional: TokenStream,
    write: TokenStream,
    parse: TokenStream,
}

impl Parts {
    // before: #[key_part(sensitive)]
    // after:  sensitive(__key, |__key| { what would have been written });      and nothing to parse
    fn hashed(self, krate: &TokenStream) -> Self {
        let write = self.write;
        Self {
            optional: quote!(false),
            write: quote_spanned!(Span::mixed_site()=> #krate::__private::sensitive(__key, |__key| { #write });),
            parse: quote_spanned! {Span::mixed_site()=>
                let _ = __text;
                ::core::option::Option::None
            },
        }
    }
}

// before: #[derive(KeyPart)] enum Sort { Price, Name }
// after:  impl KeyPart for Sort { fn write(..) { key.text("Price" or "Name") }  fn parse(..) { .. } }
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut diags = Diagnostics::default();
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => {
            diags.absorb(&error);
            return diags.finish();
        }
    };
    let Options { krate, sensitive } = Options::parse(&input, &mut diags);
    let parts = match &input.data {
        Data::Enum(data) => unit_enum(&input.ident, data, &krate, &mut diags),
        Data::Struct(data) => Some(fields(&input.ident, &data.fields, &krate, &mut diags)),
        Data::Union(_) => {
            diags
                .error(input.ident.span(), format!("the union `{}` can't be part of a key", input.ident))
                .help("use a struct or an enum without fields");
            None
        }
    };
    let errors = diags.finish();
    if !errors.is_empty() {
        return errors;
    }
    let Some(parts) = parts else { return errors };
    let Parts { optional, write, parse } = if sensitive { parts.hashed(&krate) } else { parts };
    let name = &input.ident;
    let mut generics = input.generics.clone();
    for param in generics.type_params_mut() {
        param.bounds.push(parse_quote!(#krate::KeyPart));
    }
    let (start, ty, bounds) = generics.split_for_impl();
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        impl #start #krate::KeyPart for #name #ty #bounds {
            const OPTIONAL: ::core::primitive::bool = #optional;

            fn write(&self, __key: &mut #krate::KeyWriter<'_>) {
                #write
            }

            fn parse(__text: &::core::primitive::str) -> ::core::option::Option<Self> {
                #parse
            }
        }
    }
}

const BY_HAND: &str =
    "implement `KeyPart` by hand: `fn write(&self, key: &mut cache_runtime::KeyWriter<'_>) { key.text(..) }`";

// #[derive(KeyPart)] enum Sort { By(String) }      <- a variant with fields
fn unit_enum(name: &Ident, data: &DataEnum, krate: &TokenStream, diags: &mut Diagnostics) -> Option<Parts> {
    if data.variants.is_empty() {
        diags
            .error(name.span(), format!("`{name}` has no variants, so no key can hold it"))
            .help("remove `KeyPart` from the derive");
        return None;
    }
    let mut write = TokenStream::new();
    let mut parse = TokenStream::new();
    for variant in &data.variants {
        let ident = &variant.ident;
        if !matches!(variant.fields, Fields::Unit) {
            diags
                .error_at(
                    &variant.fields,
                    format!(
                        "the variant `{ident}` has fields, and `KeyPart` is derived for enums without any"
                    ),
                )
                .help(format!("move the fields into parts of their own, or {BY_HAND}"));
        }
        let text = ident.unraw().to_string();
        write.extend(quote!(Self::#ident => #text,));
        parse.extend(quote!(#text => ::core::option::Option::Some(Self::#ident),));
    }
    Some(Parts {
        optional: quote!(false),
        write: quote_spanned!(Span::mixed_site()=> #krate::KeyWriter::text(__key, match self { #write });),
        parse: quote_spanned! {Span::mixed_site()=>
            match &*#krate::__private::unescape(__text)? {
                #parse
                _ => ::core::option::Option::None,
            }
        },
    })
}

// before: #[derive(KeyPart)] struct Place { country: Country, city: String }
// after:  country, a joint, city: like a tuple
fn fields(name: &Ident, fields: &Fields, krate: &TokenStream, diags: &mut Diagnostics) -> Parts {
    let none = Parts { optional: quote!(false), write: TokenStream::new(), parse: TokenStream::new() };
    let members: Vec<(Member, &syn::Type)> = fields
        .iter()
        .zip(0_u32..)
        .map(|(field, index)| {
            let member = match &field.ident {
                Some(name) => Member::Named(name.clone()),
                None => Member::Unnamed(Index { index, span: Span::mixed_site() }),
            };
            (member, &field.ty)
        })
        .collect();
    for (_, ty) in &members {
        if let Some(kind) = types::key_refusal(ty) {
            diags.error_at(ty, format!("this field is {kind}, which can't be part of a key")).help(
                match kind {
                    "a float" => {
                        format!("keep a whole number instead, such as millionths in an `i64`, or {BY_HAND}")
                    }
                    _ => format!("keep what tells its values apart, such as a number, or {BY_HAND}"),
                },
            );
        }
    }
    match members.as_slice() {
        [] => {
            diags
                .error(name.span(), format!("`{name}` has no fields, so all its values would share one key"))
                .help("remove `KeyPart` from the derive");
            none
        }
        [(member, ty)] => {
            let write = write_field(krate, member, ty);
            Parts {
                optional: quote!(<#ty as #krate::KeyPart>::OPTIONAL),
                write,
                parse: quote_spanned! {Span::mixed_site()=>
                    ::core::option::Option::Some(Self { #member: <#ty as #krate::KeyPart>::parse(__text)? })
                },
            }
        }
        several => {
            let count = several.len();
            let (key, this) = locals();
            let mut write = TokenStream::new();
            let mut parse = TokenStream::new();
            for (member, ty) in several {
                if !write.is_empty() {
                    write.extend(quote_spanned!(Span::mixed_site()=> #krate::KeyWriter::joint(__key);));
                }
                let span = ends(ty).0;
                write.extend(quote_spanned!(span=> #krate::KeyWriter::field::<#ty>(#key, &#this.#member);));
                parse.extend(quote_spanned! {Span::mixed_site()=>
                    #member: <#ty as #krate::KeyPart>::parse(&::core::iter::Iterator::next(&mut __parts)?)?,
                });
            }
            Parts {
                optional: quote!(false),
                write,
                parse: quote_spanned! {Span::mixed_site()=>
                    let mut __parts = ::core::iter::IntoIterator::into_iter(#krate::__private::split_joints(__text, #count)?);
                    ::core::option::Option::Some(Self { #parse })
                },
            }
        }
    }
}

// after: <Country as KeyPart>::write(&self.country, __key);      spanned at the field's type
fn write_field(krate: &TokenStream, member: &Member, ty: &syn::Type) -> TokenStream {
    let (span, _) = ends(ty);
    let (key, this) = locals();
    quote_spanned!(span=> <#ty as #krate::KeyPart>::write(&#this.#member, #key);)
}

fn locals() -> (Ident, Ident) {
    (Ident::new("__key", Span::mixed_site()), Ident::new("self", Span::mixed_site()))
}

/// What `#[key_part(..)]` says.
struct Options {
    krate: TokenStream,
    /// Keys hold a hash of the value.
    sensitive: bool,
}

impl Options {
    fn parse(input: &DeriveInput, diags: &mut Diagnostics) -> Self {
        let (mut krate, mut sensitive) = (SetOnce::default(), SetOnce::default());
        for attr in input.attrs.iter().filter(|attr| attr.path().is_ident("key_part")) {
            let Meta::List(list) = &attr.meta else {
                diags
                    .error_at(attr.path(), "`#[key_part]` has no options")
                    .help("write for example `#[key_part(sensitive)]`, or remove it");
                continue;
            };
            let parser = |input: ParseStream<'_>| {
                while !input.is_empty() {
                    let read = Self::read_one(input, &mut krate, &mut sensitive, diags);
                    if let Err(error) = &read {
                        diags.absorb(error);
                    }
                    skip_to_comma(input, read.is_ok(), diags);
                }
                Ok(())
            };
            if let Err(error) = parser.parse2(list.tokens.clone()) {
                diags.absorb(&error);
            }
        }
        let krate = krate.value().map_or_else(|| quote!(::cache_runtime), ToTokens::to_token_stream);
        Self { krate, sensitive: sensitive.get().is_some() }
    }

    // #[key_part(sensitiv)]      <- no such option
    fn read_one(
        input: ParseStream<'_>,
        krate: &mut SetOnce<Path>,
        sensitive: &mut SetOnce<()>,
        diags: &mut Diagnostics,
    ) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option\nhelp: write for example `sensitive`"));
        }
        let name = input.call(Ident::parse_any)?;
        match name.to_string().as_str() {
            "crate" => krate.set(path(&name, input, "::cache_runtime")?, diags),
            "sensitive" => sensitive.set(word(&name, input)?, diags),
            _ => {
                let names = ["sensitive", "crate"].into_iter();
                unknown_option(&name, "key_part", names, &given(&[], input), diags);
                skip_value(input);
            }
        }
        Ok(())
    }
}
