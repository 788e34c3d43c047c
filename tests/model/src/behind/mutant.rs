//! The ways in which write-behind is broken on purpose.

mutants! {
    /// Readers don't get what is pending.
    NothingPendingIsShown,
    /// A pending value is evicted like any other.
    PendingIsEvicted,
    /// A pending value ends with its ttl, and then the key can be loaded and stored.
    PendingEndsWithItsTtl,
    /// Fills are carried out while something is pending.
    FillWhilePending,
    /// An invalidation drops what is pending from the readers' sight.
    InvalidationDropsPending,
    /// Clearing the namespace does.
    ClearDropsPending,
    /// Who asks again for its enqueue to be carried out, or whose call comes late, is accepted once more.
    TokensAreForgotten,
    /// A transaction doesn't look who has written to the database before.
    NoGuard,
    /// A write is settled whatever has taken its place.
    SettledWithoutComparing,
    /// A write leaves the queue before the database has it.
    SettledBeforeItIsWritten,
    /// Anybody's settlement is carried out, whoever holds the claim, and whichever batch is open.
    AnyClaimSettles,
    /// A settlement ends whatever batch is open.
    AnyBatchIsSettled,
    /// What an earlier flusher has left is written again, without asking the database.
    LeftBatchesAreWrittenAgain,
    /// The database is asked about an earlier flusher's batch, and that flusher isn't shut out.
    AskedWithoutShuttingOut,
    /// A batch whose commit wasn't answered is written again, without asking.
    DoubtIsWrittenAgain,
    /// A batch whose settlement wasn't answered counts as settled.
    UnansweredSettlementIsOver,
    /// Writes of one function go together, whatever other write to their key stands between.
    FunctionsOvertake,
    /// When the batch of one function fails, the next function's writes to the same key are written first.
    NextFunctionGoesOn,
    /// When one half of a batch fails, the other half is written first, although it is of the same key.
    SecondHalfGoesOn,
    /// What a flusher can't read is left out of the transaction, and counts as part of its batch.
    UnreadIsPartOfTheBatch,
    /// What a flusher can't read is settled first, so that the batch is over before it is written.
    UnreadIsSettledFirst,
    /// A direct writer doesn't wait for what was acknowledged before it.
    DirectWriterDoesNotDrain,
    /// A direct writer that could not wait doesn't tell the queue what it has overtaken.
    NothingIsOvertaken,
    /// What is flushed stays in the store although the key was written directly meanwhile.
    StaysAfterADirectWrite,
    /// Beside a queue of its own, the store isn't told when a write was flushed.
    FlushDropsNothing,
    /// A reader adds the deltas that wait after its body has run, whatever waited before.
    SumsAreNotCompared,
    /// A reader compares only how many deltas wait, and the last that was flushed.
    DeltasAreOnlyCounted,
}
