"""The domain: what the city does, without a web, a template or a sentence."""
