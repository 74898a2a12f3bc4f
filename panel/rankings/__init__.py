"""Rankings: close a round, show each unit its line, hear it, publish.

The chain is ``close → notify → answer → consider → publish``; the files of a publication are
written afterwards and recorded by ``record_release``. Lists are immutable and name no visitor.
"""
