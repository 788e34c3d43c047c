//! The ways in which the protocol is broken on purpose.

macro_rules! mutants {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// A broken variant of the protocol. Each must be caught, or the model sees nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Mutant { $($(#[$doc])+ $name,)+ }

        impl Mutant {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

mutants! {
    /// Commit, then delete; fills need no lease.
    DeleteWithoutLeases,
    /// Commit, delete, and delete once more a while later; fills need no lease.
    DelayedDoubleDelete,
    /// Commit, then put the value there, whatever is there.
    BlindWriteThrough,
    /// Writers and readers put a value there unless a newer one is there.
    SetIfNewer,
    /// A strict writer that doesn't announce its write.
    StrictWithoutBegin,
    /// A write is ended as if its intent had lasted until then.
    EndStoresAfterALostIntent,
    /// A dropped writer ends its write, although the statement may still commit.
    DroppedWriterEndsAtOnce,
    /// A dropped writer invalidates, and holds nothing.
    DroppedWriterPlacesNoHold,
    /// Ending a write ends the other open ones, too.
    EndTakesEveryIntent,
    /// A writer that was not alone stores its value.
    OverlappingWriterStores,
    /// A writer with a version stores although another one without overlapped it.
    VersionTrustedAmongUnversioned,
    /// A write that ended by running out is forgotten, as if its order were known.
    ExpiredWriteIsForgotten,
    /// Whose lease it is isn't looked at.
    AnyLeaseFills,
    /// Fills are carried out while a write is open.
    FillDuringAWrite,
    /// Leases are granted while a write is open.
    GrantedDuringAWrite,
    /// An invalidation leaves the lease.
    InvalidationSparesTheLease,
    /// An announcement leaves the lease.
    BeginSparesTheLease,
    /// A write that ends doesn't tell its version.
    EndRaisesNoFloor,
    /// An invalidation doesn't tell its version.
    InvalidationRaisesNoFloor,
    /// A fill doesn't look at the oldest version that may be stored.
    FillBelowTheFloor,
    /// A refused fill's value goes to all who had joined before it was sent.
    FollowerServedARefusedFill,
    /// A value that is stored nowhere goes to all who joined the flight.
    FollowerJoinedAfterTheBodyBegan,
    /// A stored value goes to all who joined, even after it was stored.
    FollowerJoinedAfterTheFill,
    /// What the leader found goes to all who joined, even after it was found.
    FollowerServedWhatWasFoundBefore,
    /// A writer stores although nobody has answered its announcement.
    UnansweredWriterStores,
    /// A writer that had lost its intent, and has announced it again, stores as if it had not.
    ReannouncedWriterStores,
    /// An announcement that was answered is repeated, under the same token.
    AnnouncementIsRepeated,
    /// Asking for a lease is repeated after it was granted.
    AcquireIsRepeated,
}

impl Mutant {
    pub(crate) fn is_leaseless(self) -> bool {
        matches!(self, Self::DeleteWithoutLeases | Self::DelayedDoubleDelete | Self::SetIfNewer)
    }
}
