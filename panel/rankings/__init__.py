"""Rankings: compute lists, recount them, hear the units, put them on notice, publish them.

The chain is ``close → recount → notify → (answer, appeal) → open_notice → (object) → sign →
finalise → publish``; ``correct`` computes a later edition, which starts the way anew or takes the
place of what was published. The files of a publication are written afterwards and recorded by
``record_release``. Editions are immutable and name no visitor.
"""
