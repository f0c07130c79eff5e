"""Static site generator for knowledge bases, on MkDocs and Material."""
