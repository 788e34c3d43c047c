//! What the keys of a namespace are called in Redis.

use super::tags::TAGS;
use crate::store::{EntryKey, Fingerprint, Group, Partition};
use redis::{Cmd, RedisWrite};
use std::{fmt, io::Write};

/// The format of keys and control data, recorded in each namespace.
pub(super) const FORMAT: &str = "2";

const LONGEST_NAMESPACE: usize = 128;

/// The names of everything that a namespace keeps in Redis.
///
/// | key | holds |
/// |---|---|
/// | `ns:c:meta` | format and number of partitions |
/// | `ns:d:{tag}:key#fp` | an entry; `fp` are four hex digits of the value type's fingerprint |
/// | `ns:c:{tag}:k:key` | the lease on a key (hash) |
/// | `ns:c:{tag}:g:group` | the generation of a group |
/// | `ns:c:{tag}:w:kkey`, `ns:c:{tag}:w:ggroup` | announced writes, overlaps, floor (hash, no ttl) |
/// | `ns:c:{tag}:h` | which of these hashes there are, by their end (sorted set, no ttl) |
/// | `ns:c:{tag}:m` | the channel for messages to other processes |
/// | `ns:c:{tag}:e` | the epoch of a partition |
/// | `ns:c:{tag}:v` | the live variants per template (hash, no ttl) |
/// | `ns:c:{tag}:p:key`, `ns:c:{tag}:o:key` | what is pending for a key (hash and sorted set, no ttl) |
/// | `ns:q:{tag}:..` | the write-behind queue of a partition, one letter for each part; none has a ttl |
#[derive(Clone)]
pub struct PhysicalKeys {
    namespace: Box<str>,
    data: Box<[String]>,
    control: Box<[String]>,
    queue: Box<[String]>,
}

/// Why a namespace can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceError {
    namespace: String,
    reason: &'static str,
}

impl PhysicalKeys {
    /// The keys of a namespace.
    ///
    /// # Errors
    ///
    /// A namespace must not be empty, hold braces (they choose the cluster slot), white space or control characters, or be longer
    /// than 128 bytes.
    pub fn new(namespace: &str) -> Result<Self, NamespaceError> {
        let refuse = |reason| Err(NamespaceError { namespace: namespace.to_owned(), reason });
        if namespace.is_empty() {
            return refuse("it is empty, so two applications could share entries");
        }
        if namespace.contains(['{', '}']) {
            return refuse("braces would decide in which cluster slot a key lies");
        }
        if namespace.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return refuse("white space and control characters are not allowed");
        }
        if namespace.len() > LONGEST_NAMESPACE {
            return refuse("it is longer than 128 bytes");
        }
        let prefixes = |kind| TAGS.iter().map(|tag| format!("{namespace}:{kind}:{{{tag}}}:")).collect();
        let (data, control, queue) = (prefixes('d'), prefixes('c'), prefixes('q'));
        Ok(Self { namespace: namespace.into(), data, control, queue })
    }

    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The key under which an entry is stored.
    ///
    /// ```
    /// use cache_runtime::store::{Fingerprint, Partition, PhysicalKeys};
    ///
    /// let keys = PhysicalKeys::new("shop").unwrap();
    /// let key = keys.data("product:42", Partition::of("product:42"), Fingerprint(0xbeef));
    /// assert_eq!(key, "shop:d:{frw}:product:42#beef");
    /// ```
    pub fn data(&self, text: &str, partition: Partition, fingerprint: Fingerprint) -> String {
        format!("{}{text}#{:04x}", self.data_prefix(partition), fingerprint.short())
    }

    /// The key of the lease on an entry.
    pub fn lease(&self, text: &str, partition: Partition) -> String {
        format!("{}k:{text}", self.control_prefix(partition))
    }

    /// The key of a group's generation.
    pub fn generation(&self, group: &Group) -> String {
        format!("{}g:{}", self.control_prefix(group.partition), group.text)
    }

    pub(super) fn data_of(&self, key: &EntryKey) -> String {
        self.data(&key.text, key.partition, key.fingerprint)
    }

    pub(super) fn holds(&self, partition: Partition) -> String {
        format!("{}h", self.control_prefix(partition))
    }

    pub(super) fn epoch(&self, partition: Partition) -> String {
        format!("{}e", self.control_prefix(partition))
    }

    pub(super) fn variants(&self, partition: Partition) -> String {
        format!("{}v", self.control_prefix(partition))
    }

    pub(super) fn channel(&self, partition: Partition) -> String {
        format!("{}m", self.control_prefix(partition))
    }

    pub(super) fn meta(&self) -> String {
        format!("{}:c:meta", self.namespace)
    }

    pub(super) fn data_prefix(&self, partition: Partition) -> &str {
        &self.data[partition.index()]
    }

    pub(super) fn control_prefix(&self, partition: Partition) -> &str {
        &self.control[partition.index()]
    }

    /// The writes that wait in a partition.
    pub(super) fn queued_writes(&self, partition: Partition) -> String {
        format!("{}b", self.queue[partition.index()])
    }

    /// The order of the writes that wait in a partition.
    pub(super) fn order(&self, partition: Partition) -> String {
        format!("{}s", self.queue[partition.index()])
    }

    /// The halted keys of a partition.
    pub(super) fn halted(&self, partition: Partition) -> String {
        format!("{}h", self.queue[partition.index()])
    }

    /// The dead letters of a partition.
    pub(super) fn dead_letters(&self, partition: Partition) -> String {
        format!("{}d", self.queue[partition.index()])
    }

    /// The tokens of the writes that a partition has accepted.
    pub(super) fn tokens(&self, partition: Partition) -> String {
        format!("{}t", self.queue[partition.index()])
    }

    /// Adds the key of an entry to a command, without a string of its own.
    pub(super) fn write_data(&self, cmd: &mut Cmd, key: &EntryKey) {
        let mut arg = cmd.writer_for_next_arg();
        let fp = key.fingerprint.short();
        let digit = |shift: u16| b"0123456789abcdef"[usize::from(fp >> shift & 15)];
        let parts: [&[u8]; 3] = [
            self.data_prefix(key.partition).as_bytes(),
            key.text.as_bytes(),
            &[b'#', digit(12), digit(8), digit(4), digit(0)],
        ];
        for part in parts {
            // Writing into the memory of a command doesn't fail.
            let _ = arg.write_all(part);
        }
    }

    /// How long the key of an entry is.
    pub(super) fn data_len(&self, key: &EntryKey) -> usize {
        self.data_prefix(key.partition).len() + key.text.len() + 5
    }

    /// The pattern of all entries whose key begins with `prefix`.
    pub(super) fn data_pattern(&self, prefix: &str) -> String {
        format!("{}:d:{{*}}:{}*", escaped(&self.namespace), escaped(prefix))
    }

    /// The pattern of all leases on keys that begin with `prefix`.
    pub(super) fn lease_pattern(&self, prefix: &str) -> String {
        format!("{}:c:{{*}}:k:{}*", escaped(&self.namespace), escaped(prefix))
    }

    /// The partition and the text of the key in the name of an entry.
    pub(super) fn parse_data<'k>(&self, physical: &'k str) -> Option<(Partition, &'k str)> {
        let (partition, rest) = self.parse(physical, ":d:{")?;
        let (text, fp) = rest.split_at_checked(rest.len().checked_sub(5)?)?;
        fp.starts_with('#').then_some((partition, text))
    }

    /// The partition and the text of the key in the name of a lease.
    pub(super) fn parse_lease<'k>(&self, physical: &'k str) -> Option<(Partition, &'k str)> {
        let (partition, rest) = self.parse(physical, ":c:{")?;
        Some((partition, rest.strip_prefix("k:")?))
    }

    /// The partition that this channel tells of.
    pub(super) fn parse_channel(&self, channel: &str) -> Option<Partition> {
        let (partition, rest) = self.parse(channel, ":c:{")?;
        (rest == "m").then_some(partition)
    }

    /// What the names of all entries begin with.
    pub(super) fn all_data(&self) -> String {
        format!("{}:d:", self.namespace)
    }

    fn parse<'k>(&self, physical: &'k str, kind: &str) -> Option<(Partition, &'k str)> {
        let rest = physical.strip_prefix(&*self.namespace)?.strip_prefix(kind)?;
        let (tag, rest) = rest.split_once("}:")?;
        let partition = Partition::all().find(|partition| TAGS[partition.index()] == tag)?;
        Some((partition, rest))
    }
}

/// Text in which nothing means anything to a glob pattern.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

impl fmt::Debug for PhysicalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PhysicalKeys").field(&self.namespace).finish()
    }
}

impl fmt::Display for NamespaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` can't be a namespace: {}", self.namespace.escape_debug(), self.reason)
    }
}

impl std::error::Error for NamespaceError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> PhysicalKeys {
        PhysicalKeys::new("shop").expect("a good namespace")
    }

    fn entry(text: &str) -> EntryKey {
        EntryKey {
            text: text.into(),
            partition: Partition::of(text),
            template: "product:<id>".into(),
            fingerprint: Fingerprint(0xdead_beef_0000_0a1f),
            groups: Vec::new(),
        }
    }

    #[test]
    fn names_are_frozen() {
        let (keys, key) = (keys(), entry("product:42"));
        let partition = key.partition;
        let group = Group { text: "browse:books".into(), partition: Partition::of("browse:books") };
        let names = [
            keys.meta(),
            keys.data_of(&key),
            keys.lease(&key.text, partition),
            keys.generation(&group),
            keys.holds(partition),
            keys.epoch(partition),
            keys.variants(partition),
            keys.queued_writes(partition),
            keys.dead_letters(partition),
            keys.tokens(partition),
        ];
        let golden = [
            "shop:c:meta",
            "shop:d:{frw}:product:42#0a1f",
            "shop:c:{frw}:k:product:42",
            "shop:c:{e2j}:g:browse:books",
            "shop:c:{frw}:h",
            "shop:c:{frw}:e",
            "shop:c:{frw}:v",
            "shop:q:{frw}:b",
            "shop:q:{frw}:d",
            "shop:q:{frw}:t",
        ];
        assert_eq!(names, golden);
    }

    #[test]
    fn name_written_into_a_command_is_the_same() {
        let keys = keys();
        for key in [entry("product:42"), entry(""), entry("ключ:{7}")] {
            let mut cmd = Cmd::new();
            cmd.arg("GET");
            keys.write_data(&mut cmd, &key);
            let mut expected = Cmd::new();
            expected.arg("GET").arg(keys.data_of(&key));
            assert_eq!(cmd.get_packed_command(), expected.get_packed_command());
            assert_eq!(keys.data_len(&key), keys.data_of(&key).len());
        }
    }

    #[test]
    fn partition_tag_is_the_first_brace_group() {
        for text in ["{user:7}:cart", "}{", "{}", "a{b"] {
            let name = keys().data_of(&entry(text));
            let open = name.find('{').expect("a tag");
            let close = name[open..].find('}').expect("a tag") + open;
            assert!(TAGS.contains(&&name[open + 1..close]), "{name}");
        }
    }

    #[test]
    fn names_parse_back() {
        let keys = keys();
        for text in ["product:42", "", "a#beef", "{x}:y", "k:", "ключ"] {
            let key = entry(text);
            assert_eq!(keys.parse_data(&keys.data_of(&key)), Some((key.partition, text)));
            assert_eq!(keys.parse_lease(&keys.lease(text, key.partition)), Some((key.partition, text)));
            assert_eq!(keys.parse_data(&keys.lease(text, key.partition)), None);
        }
        let longer = PhysicalKeys::new("shop:d").expect("a good namespace");
        assert_eq!(keys.parse_data(&longer.data_of(&entry("x"))), None);
        assert_eq!(keys.parse_lease("shop:c:{nope}:k:x"), None);
        assert_eq!(keys.parse_data("shop:d:{53t}:x"), None);
    }

    #[test]
    fn namespace_that_could_mislead_is_refused() {
        for namespace in ["", "a{b", "a}", "a b", "a\n", "a\u{0}", &"x".repeat(129)] {
            assert!(PhysicalKeys::new(namespace).is_err(), "{namespace:?}");
        }
        let error = PhysicalKeys::new("").expect_err("it is empty").to_string();
        assert_eq!(error, "`` can't be a namespace: it is empty, so two applications could share entries");
        for namespace in ["shop", "a:b", "größe", "*", "x-y_z.1", &"x".repeat(128)] {
            assert!(PhysicalKeys::new(namespace).is_ok(), "{namespace:?}");
        }
    }

    #[test]
    fn patterns_take_text_literally() {
        let keys = PhysicalKeys::new("a*").expect("a good namespace");
        assert_eq!(keys.data_pattern("x[1]?"), "a\\*:d:{*}:x\\[1\\]\\?*");
        assert_eq!(keys.lease_pattern("\\"), "a\\*:c:{*}:k:\\\\*");
    }
}
