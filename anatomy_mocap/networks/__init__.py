"""Takes the name of a shipped model; gives a session that runs it on the GPU or the CPU. The only importer of
onnxruntime.

Public: `onnx_session.open_session` and `Session`, `model_files.models_folder`.
"""
