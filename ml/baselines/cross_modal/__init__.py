"""Methods that match two modalities: the cross-modality hashing and cross-view learning of GDH, ECCV 2018, Table 3."""
