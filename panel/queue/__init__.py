"""Jobs and outbox: enqueued inside the business transaction, claimed by lease, done once."""
