/* Every type of source, one row each: the name of its struct cb_source_type in common/sources/. */
CB_SOURCE_TYPE(cb_digicert_iot)
CB_SOURCE_TYPE(cb_nevisidm)
